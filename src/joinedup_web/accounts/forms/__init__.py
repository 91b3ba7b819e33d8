"""What staff type, read and checked before any deed."""
