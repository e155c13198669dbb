"""Rules about recursion."""
