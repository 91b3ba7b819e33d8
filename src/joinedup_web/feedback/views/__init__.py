"""Feedback's views, a file for each subject."""
