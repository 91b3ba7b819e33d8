"""The audit record on the website: deeds with their events, sequencing, checkpoints, proofs, export."""
