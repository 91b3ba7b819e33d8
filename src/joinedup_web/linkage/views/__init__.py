"""Pages of the main job: projects, sources, runs and their results. What clerks see has files of its own."""
