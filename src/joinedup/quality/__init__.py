"""Measure data by the Government Data Quality Framework: profile, rules, issues, action plan, trend."""

from __future__ import annotations

from .action_plan import action_plan_markdown
from .column import ColumnProfile
from .measure import RuleResult, Standing, uniqueness, wilson
from .report import quality_report_html
from .result import DimensionScore, QualityResult
from .rules import Dimension, Importance, Rule, RuleSet, load_rules
from .run import profile
from .suggest import rules_toml, suggest_rules
from .write import write_quality

__all__ = [
    "ColumnProfile",
    "Dimension",
    "DimensionScore",
    "Importance",
    "QualityResult",
    "Rule",
    "RuleResult",
    "RuleSet",
    "Standing",
    "action_plan_markdown",
    "load_rules",
    "profile",
    "quality_report_html",
    "rules_toml",
    "suggest_rules",
    "uniqueness",
    "wilson",
    "write_quality",
]
