"""What people fill in about projects, sources and runs: parsed and checked here, decided in actions."""
