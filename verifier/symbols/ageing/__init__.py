"""What packages say of their own deprecations: read from decorators, bodies, docstrings and metadata."""
