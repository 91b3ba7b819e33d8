"""The person index's pages."""
