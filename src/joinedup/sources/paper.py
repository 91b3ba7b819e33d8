"""Scans."""

from joinedup.errors import SourceError


def read_pdf(path, *, options, tally, progress=None):
    raise SourceError(what="scans come soon", where=str(path), mend="wait")


read_image = read_pdf
