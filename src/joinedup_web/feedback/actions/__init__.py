"""Feedback's actions, a file for each subject."""
