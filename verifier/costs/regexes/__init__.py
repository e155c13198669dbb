"""How long Python's `re` tries: its own parse tree as a program, what is ambiguous in it, and a machine that counts."""
