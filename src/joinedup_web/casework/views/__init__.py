"""Casework: views."""
