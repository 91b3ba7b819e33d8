"""The settings of a site that browser tests walk: the real ones, with the design's try pages beside the addresses."""

from pathlib import Path

from joinedup_web.config.settings import *  # noqa: F403
from joinedup_web.config.settings import TEMPLATES

ROOT_URLCONF = "support.design_pages"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], str(Path(__file__).parent / "templates")]
