"""Facts outside the checked file: the environment, what is declared and installed, the standard library, the index."""
