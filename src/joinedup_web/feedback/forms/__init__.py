"""Feedback's forms, a file for each subject."""
