"""The checks, one module per family; each gets parsed files or the whole run and yields findings and problems."""
