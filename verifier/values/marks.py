"""The marks that say what was done about a value; rules name them as built-in sanitizers."""

from __future__ import annotations

CHECKED = "checked"
"""Compared with what the program allows, or cleaned."""
SCALAR = "scalar"
"""Turned into a number or the like."""
BOUNDED = "bounded"
"""Compared by size."""
TYPED = "typed"
"""Asked for its class."""
LOOKED_UP = "looked_up"
"""The answer of something that is asked with it."""
CALLED = "called"
"""The result of a function that nobody knows."""
BUILT_IN = frozenset({CHECKED, SCALAR, BOUNDED, TYPED, LOOKED_UP, CALLED})
