"""The page of rules names functions, tests and codes that there are."""

from __future__ import annotations

import re

from joinedup.identity import FaultCode
from support.tree import ROOT, SOURCE

PAGE = (ROOT / "docs/reference/one-login-rules.md").read_text("utf-8")
RULES = [row.split(" | ") for row in re.findall(r"^\| .* \| `.*\.py` .* \| .*`test_.* \|$", PAGE, re.M)]


def test_every_rule_names_a_function_that_there_is():
    missing = []
    for _, place, _ in RULES:
        for file, names in re.findall(r"`([a-z_/]+\.py)` ((?:`(?!\w+\.py`)[\w.]+`(?:, )?)+)", place):
            path = SOURCE / file if "/" in file else SOURCE / "identity" / file
            text = path.read_text("utf-8")
            for name in re.findall(r"[\w.]+", names):
                last = name.rpartition(".")[2]
                if not re.search(rf"^\s*(def|class) {last}\b", text, re.M):
                    missing.append(f"{file} {name}")

    assert len(RULES) > 35
    assert missing == []


def test_every_rule_names_a_test_that_there_is():
    tests = "\n".join(file.read_text("utf-8") for file in (ROOT / "tests/unit/identity").glob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", PAGE)

    assert [name for name in named if f"def {name}(" not in tests] == []


def test_every_code_of_refusal_stands_under_its_kind():
    rows = dict(re.findall(r"^\| (\w+) \| \d{3} \| [^|]+ \| (.*) \|$", PAGE, re.M))

    assert [code.value for code in FaultCode if f"`{code.value}`" not in rows[code.kind.value]] == []
    assert sum(row.count("`") for row in rows.values()) == 2 * len(FaultCode)
