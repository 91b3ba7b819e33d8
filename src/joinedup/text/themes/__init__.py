"""Draft themes of comments: clusters for people to edit, merge, split and sign off."""

from joinedup.text.themes.draft import draft_themes
from joinedup.text.themes.lint import Lint, lint
from joinedup.text.themes.theme import NO_THEME, DraftTheme, ThemeSet
from joinedup.text.themes.vectors import word_vectors

__all__ = ["NO_THEME", "DraftTheme", "Lint", "ThemeSet", "draft_themes", "lint", "word_vectors"]
