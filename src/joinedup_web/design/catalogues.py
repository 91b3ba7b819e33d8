"""Translations without the gettext programs: which words the pages have, the .po files, and the .mo made of them.

`python -m joinedup_web.design.catalogues` makes every .mo from its .po (`make setup` does this); with `--update`
it first adds to the .po what pages say and it lacks, with nothing as translation, for a translator to fill in.
The .po is the source and is kept in the repository; the .mo is made and is not.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent
LOCALE = WEB / "locale"
# Those whose pages the public reads.
PUBLIC_APPS = ("design", "public", "identity", "feedback", "config", "demonstration")
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2}
REVIEW = "For translator review."
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%[sd]")


@dataclass(frozen=True)
class Entry:
    """One text and its translation (as many as the language has plural forms, where it has a plural)."""

    text: str
    translations: tuple[str, ...]
    plural: str = ""
    comments: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def read_po(text: str) -> list[Entry]:
    """Return the entries of a .po file, the first being its header (an empty text).

    Raises ValueError naming the line that is no part of such a file. Obsolete entries (#~) are left out.
    """
    entries: list[Entry] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        entry = _read_entry(block)
        if entry is not None:
            entries.append(entry)
    return entries


def write_po(entries: Iterable[Entry]) -> str:
    """Return a .po file: comments, flags, text and translations, one entry after another in the order given."""
    blocks = []
    for entry in entries:
        lines = [f"#. {comment}" for comment in entry.comments]
        lines += [f"#, {', '.join(entry.flags)}"] if entry.flags else []
        lines.append(f"msgid {_quoted(entry.text)}")
        if entry.plural:
            lines.append(f"msgid_plural {_quoted(entry.plural)}")
            lines += [f"msgstr[{at}] {_quoted(words)}" for at, words in enumerate(entry.translations)]
        else:
            lines.append(f"msgstr {_quoted(entry.translations[0])}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def write_mo(entries: Iterable[Entry]) -> bytes:
    """Return a .mo file (GNU gettext manual, "The Format of GNU MO Files"): untranslated and fuzzy entries left out."""
    pairs: dict[bytes, bytes] = {}
    for entry in entries:
        if "fuzzy" in entry.flags or not all(entry.translations):
            continue
        key = f"{entry.text}\0{entry.plural}" if entry.plural else entry.text
        pairs[key.encode()] = "\0".join(entry.translations).encode()
    keys = sorted(pairs)  # readers search by halves
    count, header = len(keys), 7 * 4
    place = header + count * 16
    tables: dict[str, list[bytes]] = {"keys": [], "values": []}
    texts = b""
    for name, words in (("keys", keys), ("values", [pairs[key] for key in keys])):
        for word in words:
            tables[name].append(struct.pack("<II", len(word), place + len(texts)))
            texts += word + b"\0"
    head = struct.pack("<IIIIIII", 0x950412DE, 0, count, header, header + count * 8, 0, place)
    return head + b"".join(tables["keys"]) + b"".join(tables["values"]) + texts


def words_of_pages(apps: Iterable[str] = PUBLIC_APPS) -> dict[str, str]:
    """Return every text that pages of these apps hand to gettext, with where it stands first, in that order."""
    found: dict[str, str] = {}
    for app in apps:
        for path in sorted((WEB / app).rglob("*.py")) + sorted((WEB / app).rglob("*.html")):
            source = path.read_text(encoding="utf-8")
            texts = _in_python(source) if path.suffix == ".py" else _in_template(source)
            for text in texts:
                found.setdefault(text, path.relative_to(WEB).as_posix())
    return found


def placeholders(text: str) -> list[str]:
    """The places in a text where values go, sorted: these must be the same in its translation."""
    return sorted(PLACEHOLDER.findall(text))


def main(arguments: list[str]) -> int:
    """Make the .mo files; with --update add what is lacking to the .po files first."""
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        entries = read_po(po.read_text(encoding="utf-8"))
        if "--update" in arguments:
            known = {entry.text for entry in entries}
            for text, where in words_of_pages().items():
                if text not in known:
                    entries.append(Entry(text, ("",), comments=(REVIEW, where)))
            po.write_text(write_po(entries), encoding="utf-8")
        po.with_suffix(".mo").write_bytes(write_mo(entries))
    return 0


def _read_entry(block: str) -> Entry | None:
    parts: dict[str, str] = {}
    comments: list[str] = []
    flags: list[str] = []
    part = ""
    for line in block.splitlines():
        line = line.strip()
        if line.startswith("#~") or not line:
            continue
        if line.startswith("#,"):
            flags += [flag.strip() for flag in line[2:].split(",")]
        elif line.startswith("#."):
            comments.append(line[2:].strip())
        elif line.startswith("#"):
            continue
        elif match := re.fullmatch(r"(msgid|msgid_plural|msgstr(?:\[\d\])?)\s+(\".*\")", line):
            part = match[1]
            parts[part] = ast.literal_eval(match[2])
        elif part and line.startswith('"'):
            parts[part] += ast.literal_eval(line)
        else:
            raise ValueError(f"not a line of a .po file: {line[:60]}")
    if "msgid" not in parts:
        return None
    translations = tuple(parts[name] for name in sorted(parts) if name.startswith("msgstr"))
    return Entry(parts["msgid"], translations, parts.get("msgid_plural", ""), tuple(comments), tuple(flags))


def _quoted(text: str) -> str:
    made = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n"\n"').replace("\t", "\\t")
    return f'""\n"{made}"'.removesuffix('\n""') if "\n" in text else f'"{made}"'


def _in_template(source: str) -> Iterator[str]:
    from jinja2 import Environment

    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 - nothing is rendered
    for _, _, message in environment.extract_translations(source):  # type: ignore[attr-defined]
        yield from (part for part in (message if isinstance(message, tuple) else (message,)) if part)


def _in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            for given in node.args[: CALLS[node.func.id]]:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
