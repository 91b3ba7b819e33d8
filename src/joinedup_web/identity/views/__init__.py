"""Pages and endpoints of citizens and of machine clients."""
