"""What pages read of accounts, through the gate; always within the organisation of whoever asks."""
