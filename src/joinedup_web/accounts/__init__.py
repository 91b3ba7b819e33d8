"""Staff: organisations, officers, roles, accounts, how they sign in, and their sessions."""
