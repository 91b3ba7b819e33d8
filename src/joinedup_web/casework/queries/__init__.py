"""Casework: queries."""
