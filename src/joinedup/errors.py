"""What a person can mend: every error says what was wrong, where, and how to mend it.

Bugs raise Python's own errors. These are for input, models and requests that somebody can put right;
the command line prints them in one line and exits with the kind's code. None holds a person's data:
a place is a file, table, column or row number.
"""

from __future__ import annotations

import re

# A slash is lost where an address was taken for a path. A password may hold any sign but a space.
_IN_ADDRESS = re.compile(
    r"\b(postgres(?:ql)?:/{1,2})\S*@|\b([a-z][a-z0-9+.-]*:/{1,2})[^\s/?#@:]*:[^\s/?#]*@", re.I
)
_IN_QUERY = re.compile(r"([?&;](?:password|passwd|pwd|sslpassword)=)[^\s&#]*", re.I)


def without_passwords(text: str) -> str:
    """Return the text with the user and password of each address in it left out.

    >>> without_passwords("cannot reach postgresql://ann:secret@db:5432/people?table=t")
    'cannot reach postgresql://…@db:5432/people?table=t'
    """
    if ":/" not in text:
        return text
    text = _IN_ADDRESS.sub(lambda found: f"{found[1] or found[2]}…@", text)
    return _IN_QUERY.sub(r"\1…", text)


class JoinedupError(Exception):
    """The root of everything a user can mend.

    what: what was wrong. where: the file, row, column, comparison… it was found in. mend: what to do.
    User and password of an address in them are left out.

    >>> print(JoinedupError(what="no such file", where="people.csv", mend="check the path"))
    no such file (people.csv): check the path
    """

    exit_code = 1

    def __init__(self, *, what: str, where: str = "", mend: str = "") -> None:
        self.what = without_passwords(what)
        self.where = without_passwords(where)
        self.mend = without_passwords(mend)
        text = self.what
        if where:
            text += f" ({self.where})"
        if mend:
            text += f": {self.mend}"
        super().__init__(text)

    def as_dict(self) -> dict[str, str]:
        """The same three parts for machines, with the error's kind."""
        return {"error": type(self).__name__, "what": self.what, "where": self.where, "mend": self.mend}


class UsageError(JoinedupError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class SourceError(JoinedupError):
    """A file or table cannot be read as what it claims to be."""

    exit_code = 3


class ModelError(JoinedupError):
    """A linkage model, spec or rule file says something that cannot be."""

    exit_code = 4


class LimitError(JoinedupError):
    """The job would pass a stated limit (pairs, memory, size) and was refused, or the disk was full."""

    exit_code = 5


class MissingExtraError(JoinedupError):
    """An optional package or program that this job needs is not installed."""

    exit_code = 6


class QualityBelowTarget(JoinedupError):
    """The job ran, and the data are below the target that was set (used as a gate in pipelines)."""

    exit_code = 7


class ServiceError(JoinedupError):
    """Something outside (a web service, a key store) did not answer, or not as it promises to."""

    exit_code = 8


class SignInError(JoinedupError):
    """Who is asking could not be established, or was refused."""

    exit_code = 9
