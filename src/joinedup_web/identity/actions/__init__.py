"""Deeds on citizens' accounts and sessions, and on machine clients."""
