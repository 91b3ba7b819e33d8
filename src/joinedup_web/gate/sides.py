"""The two sides of the site: everything under /staff/ belongs to staff, all else to the public."""

STAFF_PATH = "/staff/"


def is_staff_side(path: str) -> bool:
    """Whether an address belongs to staff."""
    return path.startswith(STAFF_PATH)
