"""Queries through models, and the relations that they read along."""
