"""Which members to fetch first for a file that imports some modules, judged by names before anything was read."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Mapping
from functools import lru_cache

from verifier import catalogue
from verifier.world.archives.model import Archive, Member
from verifier.world.archives.transfer import GAP

_NEVER = re.compile(r"(?:^|/)(?:tests?|conftest\.py|benchmarks?|examples?|locale|migrations|_pyinstaller)(?:/|$)")
_LATE = re.compile(
    r"(?:^|/)(?:_?vendor(?:ed)?|extern(?:als?)?|_?distutils|f2py|_?compat\w*|contrib|_?backends?|plugins?|tools|scripts|"
    r"_?testing|data|dialects|v1|experimental|deprecated|commands|_?config|sphinxext|formats|projections)(?:/|\.pyi?$)"
)
_CORE = re.compile(
    r"_?(?:core|base|api|main|lib|generic|frame|series|types|sql|orm|engine|models?|schema|session|query|fields|axes|"
    r"elements|constructors|\w+_constructors|mixins|indexing|accessor|_decorators)"
)
_MOST = 15_000_000
"""In packed bytes; the sources of the largest popular packages take 4 to 9 million."""
_LARGEST_SHARE = 0.4
"""One member may take that part of the budget at most."""


def suggest(archive: Archive, modules: Collection[str], budget: int = 600_000) -> list[str]:
    """Return members worth fetching at once for the dotted names that a file uses, the most useful first.

    The names are modules or what is taken from them (`pandas`, `pandas.DataFrame`). The budget is in packed bytes, most
    of those between near members, which are fetched with them, included.
    """
    wanted = [_split(archive, name) for name in sorted(set(modules))]
    ranked = sorted(
        (rank, member.packed if rank <= 1 else -member.packed, member.name)
        for member in archive.members.values()
        if member.name not in archive.listing.refused and (rank := _rank(archive, member, wanted)) is not None
    )
    chosen: list[str] = []
    spans: list[tuple[int, int]] = []
    spent = 0
    for rank, _, name in ranked:
        member = archive.members[name]
        # What is needed most is not given up for the gaps that are fetched with it.
        cost = member.packed if rank <= 1 else _cost(spans, member)
        if member.packed <= budget * _LARGEST_SHARE and spent + cost <= budget:
            spans.insert(bisect(spans, (member.offset, member.end)), (member.offset, member.end))
            spent += cost
            chosen.append(name)
    return chosen


def rest(archive: Archive) -> list[str]:
    """Return all members that questions may ever lead to; none where they are too much to fetch in one go."""
    found = [
        name
        for name, member in archive.members.items()
        if name.endswith((".py", ".pyi")) and not _NEVER.search(name) and name not in archive.listing.refused
    ]
    return found if sum(archive.members[name].packed for name in found) <= _MOST else []


def _split(archive: Archive, name: str) -> tuple[list[str], str]:
    """Return a dotted name as the module that the archive has of it and the name taken from that, in lower case."""
    parts = name.split(".")
    for length in range(len(parts), 1, -1):
        path = "/".join(parts[:length])
        if any(f"{path}{end}" in archive.members for end in ("/__init__.py", "/__init__.pyi", ".py", ".pyi")):
            return parts[:length], "".join(parts[length : length + 1]).lower()
    return parts[:1], "".join(parts[1:2]).lower()


def _rank(archive: Archive, member: Member, wanted: Collection[tuple[list[str], str]]) -> int | None:
    """How far a member is from what is wanted; None where it is of no use."""
    path, dot, suffix = member.name.rpartition(".")
    if suffix not in {"py", "pyi"} or not dot or _NEVER.search(member.name):
        return None
    parts = path.split("/")
    initial = parts[-1] == "__init__"
    parts = parts[:-1] if initial else parts
    ranks = [_distance(parts, module, name) for module, name in wanted if parts[0].removesuffix("-stubs") == module[0]]
    if not ranks:
        return None
    stubbed = suffix == "py" and f"{path}.pyi" in archive.members
    best = min(ranks)
    if best and path.partition("/")[2] in _often_read().get(parts[0], ()):
        return 1
    if suffix == "pyi":
        best = min(best, 3)
    return best + (6 if best > 1 and _LATE.search(member.name) else 0) + stubbed - (initial and best > 0)


@lru_cache(maxsize=1)
def _often_read() -> Mapping[str, frozenset[str]]:
    """By top-level name, the files below it that most programs lead to, without their suffix."""
    return {name: frozenset(files) for name, files in catalogue.table("imports/likely")["files"].items()}


def _distance(parts: list[str], module: list[str], name: str) -> int:
    common = next((i for i, (a, b) in enumerate(zip(parts, module, strict=False)) if i and a != b), None)
    common = min(len(parts), len(module)) if common is None else common
    below = parts[common:]
    if not below:
        return 0
    stem = parts[-1].strip("_")
    same = len(stem) > 3 and len(name) > 3 and (stem in name or name in stem)
    repeated = len(parts) > 1 and parts[-1] == parts[-2]
    core = sum(_CORE.fullmatch(part) is not None for part in below)
    return max(2 * len(below) + 2 * (len(module) - common) - core - 2 * same - repeated, 1)


def _cost(spans: list[tuple[int, int]], member: Member) -> int:
    """How many more bytes are fetched with this member: its own, and those to a near neighbour."""
    place = bisect(spans, (member.offset, member.end))
    cost = member.end - member.offset
    before = member.offset - spans[place - 1][1] if place else GAP + 1
    after = spans[place][0] - member.end if place < len(spans) else GAP + 1
    if before <= GAP and after <= GAP:
        whole = spans[place][0] - spans[place - 1][1]
        return cost + before + after if whole > GAP else 0
    return cost + sum(each for each in (before, after) if each <= GAP)
