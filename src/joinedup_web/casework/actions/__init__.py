"""What may be done about cases: permission, rows and event in one transaction each."""
