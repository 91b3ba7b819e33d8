"""Addresses of feedback, a file for each subject."""
