"""Feedback's queries, a file for each subject."""
