"""Excel and OpenDocument workbooks."""

from joinedup.errors import SourceError


def read_workbook(path, *, options, tally, progress=None):
    raise SourceError(what="workbooks come soon", where=str(path), mend="wait")


def sheets(path, *, options):
    raise SourceError(what="workbooks come soon", where=str(path), mend="wait")
