"""What people say about services, what it means, and what was done about it."""
