"""One gate decides every read and write: who asks (actor), what for (permission), and the rule each view carries."""
