"""SQL in a Python file: the schema that it declares, the statements that it runs, and what SQLite says of them."""
