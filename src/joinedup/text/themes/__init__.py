"""Draft themes of comments: clusters for people to edit, merge, split and sign off."""

from joinedup.text.themes.draft import draft_themes
from joinedup.text.themes.lint import Lint, lint
from joinedup.text.themes.place import ThemePlaces, fit_places, places_from_bytes
from joinedup.text.themes.quotes import choose_quotes, describe
from joinedup.text.themes.stance import Stance, split_by_stance, stance_of, stances
from joinedup.text.themes.terms import theme_terms, theme_titles
from joinedup.text.themes.theme import NO_THEME, DraftTheme, ThemeSet
from joinedup.text.themes.vectors import word_vectors

__all__ = [
    "NO_THEME",
    "DraftTheme",
    "Lint",
    "Stance",
    "ThemePlaces",
    "ThemeSet",
    "choose_quotes",
    "describe",
    "draft_themes",
    "fit_places",
    "lint",
    "places_from_bytes",
    "split_by_stance",
    "stance_of",
    "stances",
    "theme_terms",
    "theme_titles",
    "word_vectors",
]
