"""Fixes of deprecated uses: what a row's `rewrite` means at one place of the code, as text edits."""
