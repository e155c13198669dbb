"""Rules about what is opened, read, compiled or waited for again and again."""
