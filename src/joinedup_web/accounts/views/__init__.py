"""The staff pages of accounts: they parse a request, make one call, and show the answer."""
