"""The website of Joinedup: doors over the library. One Django app a room; see docs/explanation/the-website.md."""
