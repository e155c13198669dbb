"""Fixes carried out: from findings to new texts, checked again, then written or shown as a diff."""
