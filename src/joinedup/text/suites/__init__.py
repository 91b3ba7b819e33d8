"""Evaluation suites that come with the package: texts with known answers, asked of whatever models are in use.

They are small and written for this package, so they show that a model does what it should here and has not
become worse; they do not claim how well it reads an organisation's own texts. Its people's decisions tell that.
"""

from __future__ import annotations

from joinedup.text.suites.result import FLOORS, SuiteResult
from joinedup.text.suites.run import run_suite

__all__ = ["FLOORS", "SuiteResult", "run_suite"]
