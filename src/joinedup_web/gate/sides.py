"""The two sides of the site: everything under /staff/ belongs to staff, all else to the public."""

STAFF_PATH = "/staff/"
WITHOUT_COOKIES = ("/feedback/", "/feedback.", "/f/", "/i/")
"""Where people say what they think: no cookie is read or set there, whoever they are elsewhere."""


def is_staff_side(path: str) -> bool:
    """Whether an address belongs to staff."""
    return path.startswith(STAFF_PATH)


def is_without_cookies(path: str) -> bool:
    """Whether an address neither reads nor sets a cookie, so that nobody is known there."""
    return path.startswith(WITHOUT_COOKIES)
