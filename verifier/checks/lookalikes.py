"""Names that are one slip from those of well-known distributions, and import names that pass for distributions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache

from packaging.utils import canonicalize_name

from verifier import catalogue
from verifier.world.import_names import curated, popular

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_LOOKS = str.maketrans("0135", "oles")
_AFFIXES = ("python3-", "python-", "py-", "python", "py")
_ENDINGS = ("-python3", "-python", "-py", "python", "py")
_SHORTEST = 5
"""Below this, honest names lie one edit apart: `tox` and `rox`, `rich` and `rick`."""
_SHORTEST_CORE = 4


def resembles(name: str) -> str | None:
    """The well-known distribution that a normalised name is one slip from; None for a name that is known itself."""
    known = popular()
    if name in known or name in _provided():
        return None
    if near := sorted(each for each in _edits(name) if each in known and min(len(each), len(name)) >= _SHORTEST):
        return near[0]
    core = _core(name)
    return _cores().get(core) if len(core) >= _SHORTEST_CORE else None


def meant_by(name: str) -> str | None:
    """The distribution that provides the import name which this normalised name is, where that is another one."""
    return _import_names().get(name)


def suggested(name: str) -> str | None:
    """The distribution that somebody probably meant by a normalised name which no index has."""
    if name in popular():
        return None
    if right := meant_by(name) or resembles(name):
        return right
    return next(iter(get_close_matches(name, sorted(popular()), n=1, cutoff=0.85)), None)


def _edits(name: str) -> Iterator[str]:
    """Every text that is one insertion, deletion, substitution or transposition of neighbours away."""
    for place in range(len(name) + 1):
        before, after = name[:place], name[place:]
        for letter in _LETTERS:
            yield f"{before}{letter}{after}"
            if after and letter != after[0]:
                yield f"{before}{letter}{after[1:]}"
        if after:
            yield before + after[1:]
        if len(after) > 1 and after[0] != after[1]:
            yield before + after[1] + after[0] + after[2:]


def _core(name: str) -> str:
    """What remains of a name without separators, `python` or `py` around it, a plural, and digits for letters."""
    bare = name
    for affix in _AFFIXES:
        if bare.startswith(affix) and len(bare) - len(affix) >= _SHORTEST_CORE:
            bare = bare.removeprefix(affix)
            break
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= _SHORTEST_CORE:
            bare = bare.removesuffix(ending)
            break
    if bare.endswith("s") and len(bare) > _SHORTEST_CORE:
        bare = bare.removesuffix("s")
    return bare.replace("-", "").translate(_LOOKS)


@lru_cache(maxsize=1)
def _cores() -> Mapping[str, str]:
    # The shortest name stands for those that share its core: `redis` and not `python-redis`.
    return {_core(name): name for name in sorted(popular(), key=lambda each: (-len(each), each))}


@lru_cache(maxsize=1)
def _provided() -> frozenset[str]:
    """Distributions that other tables vouch for, which are therefore no slip of another name."""
    known = catalogue.table("imports/names")["known"]["names"]
    return frozenset({*known, *(name for names in curated().values() for name in names)})


@lru_cache(maxsize=1)
def _import_names() -> Mapping[str, str]:
    tops = {canonicalize_name(module): names for module, names in curated().items() if "." not in module}
    return {name: names[0] for name, names in tops.items() if name not in _provided() and name not in popular()}
