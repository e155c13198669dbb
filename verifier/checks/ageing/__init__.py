"""Uses of what a package itself says is deprecated."""
