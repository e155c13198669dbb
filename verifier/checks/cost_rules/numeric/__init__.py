"""Rules about numbers that decide the turns, or get long."""
