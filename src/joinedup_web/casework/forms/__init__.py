"""Casework: forms."""
