"""What one source means, built in one walk of its tree."""
