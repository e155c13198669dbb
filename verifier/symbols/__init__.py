"""What a package defines, read from its files without importing it."""
