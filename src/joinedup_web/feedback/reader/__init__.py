"""The models that read comments, in a process of their own that gives way to whoever waits for a page."""
