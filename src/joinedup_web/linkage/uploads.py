"""Receiving large files: to disk as they come, within a limit, and only from those whom the gate lets in.

Django's forgery check reads the whole form before the view; a view that takes files puts that check behind the gate
by `receives_files`, so that a stranger's gigabytes are refused unread.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponseBase]


class LimitedUpload(TemporaryFileUploadHandler):
    """Keeps at most the limit of each file on disk; what comes beyond is read and thrown away, so that the browser
    gets an answer it can show. The file is then marked `is_too_large`."""

    def new_file(self, *args: Any, **options: Any) -> None:
        """A file begins."""
        super().new_file(*args, **options)
        self._kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece of it came."""
        if self._kept + len(raw_data) > settings.JOINEDUP.upload_limit:
            self.file.is_too_large = True
            return
        self._kept += len(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> TemporaryUploadedFile:
        """The file has ended."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file


def receives_files(view: View) -> View:
    """Take files by LimitedUpload, and check against forgery after the gate has let the person in."""
    inner = csrf_protect(view)

    @csrf_exempt
    @functools.wraps(view)
    def receive(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        request.upload_handlers = [LimitedUpload(request)]
        return inner(request, *args, **options)

    return receive
