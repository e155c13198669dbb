"""The names by which packages say that something of theirs is deprecated: reads rules/api/ageing.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from verifier import catalogue

Warner = Literal["told", "warning", "logging", "asking", ""]
"""How a function says it: by a class of warning, by its name, by words; or it may, of what it is given."""


@dataclass(frozen=True, slots=True)
class Names:
    """The table, ready to be asked."""

    category: re.Pattern[str]
    words: re.Pattern[str]
    asking: re.Pattern[str]
    functions: Mapping[str, Warner]
    decorators: Mapping[str, str]
    """What a decorator says, by its last name: `whole`, `parameter`, …"""
    keywords: Mapping[str, str]
    """What a keyword argument holds: `message`, `since`, …"""
    silent_without_version: frozenset[str]
    until: frozenset[str]
    known: Mapping[str, tuple[str, str]]
    modules: Mapping[str, str]
    answering: frozenset[str]


_SAYING = ("whole", "parameter", "by-keyword", "values-by-keyword", "by-name-from", "by-name-only", "by-name-but")


@cache
def names() -> Names:
    """The table of this installation."""
    data = catalogue.table("api/ageing")
    decorators, functions = data["decorators"], data["functions"]
    kinds: tuple[Warner, ...] = ("told", "warning", "logging")
    return Names(
        category=re.compile(data["category"]),
        words=re.compile("|".join(data["words"]), re.IGNORECASE),
        asking=re.compile(functions["asking"], re.IGNORECASE),
        functions={name: kind for kind in kinds for name in functions[kind]},
        decorators={
            **{name: kind for kind in (*_SAYING, "copying") for name in decorators[kind]},
            **dict.fromkeys(decorators["known"], "known"),
        },
        keywords={name: kind for kind, listed in data["keywords"].items() for name in listed},
        silent_without_version=frozenset(decorators["silent-without-version"]),
        until=frozenset(decorators["until"]),
        known={name: (old, new) for name, (old, new) in decorators["known"].items()},
        modules=data["modules"],
        answering=frozenset(functions["answering"]),
    )


@cache
def warner(name: str | None) -> Warner:
    """How a function of that last name may warn; empty where it does not."""
    if name is None:
        return ""
    table = names()
    return table.functions.get(name) or ("asking" if table.asking.search(name) else "")
