"""Frames and arrays: what surely is one, how long, and what has an expression on all of it."""
