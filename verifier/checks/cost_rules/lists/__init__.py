"""Rules about searches in lists, and about their front."""
