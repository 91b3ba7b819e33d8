"""The command line: parse, make one call into a room, print the answer. One file a room."""

from joinedup.cli.app import app, main

__all__ = ["app", "main"]
