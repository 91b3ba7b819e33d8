"""Citizens, who sign in with GOV.UK One Login, and machine clients with their tokens."""
