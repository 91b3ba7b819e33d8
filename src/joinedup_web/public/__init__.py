"""The public pages: start, accessibility, privacy, cookies."""
