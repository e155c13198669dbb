"""Which distributions may provide an import name, and which module a distribution's name stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from packaging.utils import canonicalize_name

from verifier import catalogue


def top(module: str) -> str:
    """The first name of a dotted one."""
    return module.partition(".")[0]


def candidates(module: str) -> tuple[str, ...]:
    """The distributions (normalised) that may provide a module, likeliest first; curated ones where there are any."""
    known = curated()
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if names := known.get(".".join(parts[:length])):
            return tuple(names)
    if parts[0] in namespaces():
        return tuple(canonicalize_name("-".join(parts[:length])) for length in range(len(parts), 1, -1)) or (parts[0],)
    return (canonicalize_name(parts[0]),)


def possible(module: str) -> tuple[str, ...]:
    """Every distribution whose name suggests that it provides a module, likeliest first, for choosing among some."""
    parts = module.split(".")
    prefixes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    named = [name for prefix in prefixes for name in curated().get(prefix, ())]
    return tuple(dict.fromkeys(canonicalize_name(name) for name in (*named, *prefixes)))


@lru_cache(maxsize=1)
def curated() -> Mapping[str, Sequence[str]]:
    """Import names that differ from the distribution's, each with the distributions that provide it."""
    names: Mapping[str, Sequence[str]] = catalogue.table("imports/names")["names"]
    return names


@lru_cache(maxsize=1)
def namespaces() -> frozenset[str]:
    """Top-level packages that several distributions fill, such as `google`."""
    return frozenset(top(name) for name in curated() if "." in name)


def meant(module: str, distribution: str) -> bool:
    """Whether an import that nothing else explains means a well-known distribution, and no module of some project."""
    if is_generic(module):
        return False
    return distribution in popular() or distribution in curated().get(top(module), ())


def is_generic(module: str) -> bool:
    """Whether many projects have a module of that name of their own."""
    return top(module) in _generic()


@lru_cache(maxsize=1)
def popular() -> frozenset[str]:
    """The well-known distributions, by normalised name."""
    return frozenset(catalogue.table("imports/popular")["names"])


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(catalogue.table("imports/names")["generic"]["names"])
