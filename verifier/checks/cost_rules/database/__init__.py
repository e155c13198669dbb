"""Rules about queries on every turn of a loop."""
