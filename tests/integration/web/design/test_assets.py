"""Assets as they are copied: they ask for their files beside themselves, and the plain copies name no font."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.web


@pytest.fixture(scope="module")
def assets():
    spec = importlib.util.spec_from_file_location("deploy_assets", ROOT / "deploy" / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_assets_are_asked_for_beside_the_file_and_no_map_is_named(assets):
    given = "a{src:url(/assets/f.woff2),url('/assets/i.svg')}\n/*# sourceMappingURL=x.css.map */\n"

    assert assets.portable(given) == "a{src:url(assets/f.woff2),url('assets/i.svg')}\n"
    assert assets.portable("export{a};//# sourceMappingURL=x.js.map\n") == "export{a};\n"


def test_the_plain_copy_neither_loads_nor_names_the_font(assets):
    given = "@font-face{font-family:GDS Transport;src:url(a)}p{font-family:GDS Transport,arial,sans-serif}"

    assert assets.unbranded(given) == "p{font-family:Arial,Helvetica,sans-serif}"


@pytest.mark.parametrize("name", ["govuk/govuk-frontend", "moj/moj-frontend"])
def test_each_file_that_a_style_sheet_asks_for_is_there(name):
    for form in (".min.css", ".unbranded.min.css"):
        sheet = finders.find(f"vendor/{name}{form}")
        assert sheet, "run make setup"
        asked = re.findall(r"url\(([^)]+)\)", Path(sheet).read_text("utf-8"))
        assert [
            one for one in asked if not one.startswith("data:") and not (Path(sheet).parent / one).is_file()
        ] == []


def test_the_lock_names_no_host():
    lock = (ROOT / "package-lock.json").read_text("utf-8")

    assert "://" not in lock
    assert all("integrity" in entry for path, entry in json.loads(lock)["packages"].items() if path)


def test_a_machine_without_node_is_told_what_to_install(assets, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(assets, "MODULES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert assets.setup_assets(tmp_path / "stamp") is False
    assert "Node 20" in capsys.readouterr().err
