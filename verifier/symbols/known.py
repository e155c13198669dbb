"""What people know of well-known classes and functions, and no file says."""

from __future__ import annotations

from functools import lru_cache

from verifier import catalogue


@lru_cache(maxsize=1)
def known_paths() -> dict[str, frozenset[str]]:
    """The lists of rules/api/known.toml."""
    return {key: frozenset(value) for key, value in catalogue.table("api/known").items() if isinstance(value, list)}


@lru_cache(maxsize=1)
def left_out() -> dict[str, frozenset[str]]:
    """By the path of a module or class: names that it has and no file tells; files tell the rest of a module."""
    return {module: frozenset(names) for module, names in catalogue.table("api/known")["left-out"].items()}
