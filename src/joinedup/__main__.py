"""``python -m joinedup``: the same as the command `joinedup`."""

from joinedup.cli import main

if __name__ == "__main__":
    main()
