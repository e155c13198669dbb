"""Rules about values that are copied to grow, or only to be looked at."""
