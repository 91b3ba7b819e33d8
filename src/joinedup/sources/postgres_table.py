"""PostgreSQL."""

from joinedup.errors import SourceError


def is_postgres(p):
    return str(p).startswith(("postgresql://", "postgres://"))


def read_postgres(uri, *, options, progress=None):
    raise SourceError(what="PostgreSQL comes soon", where="uri", mend="wait")


postgres_tables = read_postgres
