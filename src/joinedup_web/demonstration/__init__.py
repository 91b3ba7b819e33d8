"""The demonstration alone: accounts for every role, and a citizen provider that speaks One Login's protocol."""
