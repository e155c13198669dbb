"""What the statements of a loop do on each turn."""
