"""The living person index: people that keep their names while records come, change and go."""
