"""Rules about what each turn works out again."""
