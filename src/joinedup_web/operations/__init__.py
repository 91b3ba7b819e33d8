"""The running of the service: health, metrics, logs, jobs, backup, retention, erasure."""
