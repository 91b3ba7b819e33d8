"""Copy the compiled GOV.UK and Ministry of Justice front ends into the website, without Sass or a bundler.

Called by `make setup`. The packages come from npm, pinned with their hashes in package-lock.json. Their files
point at /assets/ of the site's root; here they point beside themselves, so that they can lie anywhere and take
hashed names. Each style sheet has a second form without GDS Transport, which services away from GOV.UK may not
use. The library and the command line work without any of this: where Node is lacking, `setup_assets`
says what to install and the set-up goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "joinedup_web" / "design" / "static" / "vendor"
NEEDS_NODE = (
    "The website needs Node 20 or newer with npm for its style sheets, fonts and scripts; the library and the\n"
    "command line do without. On Debian or Ubuntu: sudo apt-get install nodejs npm. Then run make setup again."
)


@dataclass(frozen=True)
class FrontEnd:
    """One npm package: where its compiled files lie in it, and in which folder of `vendor` they are kept."""

    package: str
    files: tuple[str, ...]
    assets: str
    folder: str


FRONT_ENDS = (
    FrontEnd(
        package="govuk-frontend",
        files=("dist/govuk/govuk-frontend.min.css", "dist/govuk/govuk-frontend.min.js"),
        assets="dist/govuk/assets",
        folder="govuk",
    ),
    FrontEnd(
        package="@ministryofjustice/frontend",
        files=("moj/moj-frontend.min.css", "moj/moj-frontend.min.js"),
        assets="moj/assets",
        folder="moj",
    ),
)


def setup_assets(stamp: Path) -> bool:
    """Fetch the packages where they are lacking and copy their files; return whether the website has its assets.

    stamp: a file that remembers what was copied, so that a second run is a matter of milliseconds.
    """
    key = _key()
    in_place = all((VENDOR / end.folder).is_dir() for end in FRONT_ENDS)
    if in_place and stamp.exists() and stamp.read_text() == key:
        return True
    if not _are_installed() and not _install():
        return False
    for end in FRONT_ENDS:
        _copy(end)
    stamp.write_text(key)
    print("Website assets are in place", flush=True)
    return True


def portable(text: str) -> str:
    """Return a style sheet or script whose assets lie beside it, and which names no source map."""
    text = re.sub(r"url\((['\"]?)/assets/", r"url(\1assets/", text)
    return re.sub(r"(?:/\*|//)# sourceMappingURL=\S+?(?:\s*\*/)?\s*$", "", text).rstrip() + "\n"


def unbranded(text: str) -> str:
    """Return a style sheet that neither loads nor names GDS Transport."""
    text = re.sub(r"@font-face\{[^}]*GDS Transport[^}]*\}", "", text)
    return text.replace("GDS Transport,arial", "Arial,Helvetica")


def _key() -> str:
    return hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes() + str(ROOT).encode()).hexdigest()


def _are_installed() -> bool:
    locked = json.loads(LOCK.read_text())["packages"]
    for end in FRONT_ENDS:
        manifest = MODULES / end.package / "package.json"
        if not manifest.is_file():
            return False
        if json.loads(manifest.read_text())["version"] != locked[f"node_modules/{end.package}"]["version"]:
            return False
    return True


def _install() -> bool:
    npm = shutil.which("npm")
    if npm is None:
        print(NEEDS_NODE, file=sys.stderr)
        return False
    print("Fetching the website's front ends with npm", flush=True)
    done = subprocess.run(
        [npm, "ci", "--silent"], cwd=ROOT, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        print(f"npm ci failed: {said[-1] if said else f'exit code {done.returncode}'}", file=sys.stderr)
        print(NEEDS_NODE, file=sys.stderr)
        return False
    return True


def _copy(end: FrontEnd) -> None:
    """Copy beside the old folder and change over by a rename, so that a running site never sees half of it."""
    made, place = VENDOR / f".{end.folder}.new", VENDOR / end.folder
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    package = MODULES / end.package
    for name in end.files:
        source = package / name
        text = portable(source.read_text(encoding="utf-8"))
        (made / source.name).write_text(text, encoding="utf-8")
        if source.suffix == ".css":
            plain = made / source.name.replace(".min.css", ".unbranded.min.css")
            plain.write_text(unbranded(text), encoding="utf-8")
    shutil.copytree(package / end.assets, made / "assets")
    shutil.rmtree(place, ignore_errors=True)
    made.rename(place)
