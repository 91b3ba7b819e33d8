"""What may be read of citizens, by themselves, and of machine clients, by their organisation."""
