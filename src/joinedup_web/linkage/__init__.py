"""The main job on the website: sources and their quality, linkage jobs, pairs to review, people found."""
