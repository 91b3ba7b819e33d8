"""Cases: what somebody asked, who answers, by when, and what was answered."""
