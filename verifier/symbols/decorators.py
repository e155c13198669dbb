"""What decorators make of a function: a property, a static method, the same function, or something unknown."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from verifier import catalogue
from verifier.symbols.known import known_paths
from verifier.symbols.model import Function, Variable
from verifier.symbols.modules import World
from verifier.symbols.names import find
from verifier.symbols.references import dotted_text, raw_path
from verifier.symbols.trees import callee

_TEXT = re.compile(r"[\"'](\w+)[\"']")
_PARTIAL = re.compile(r"(?:functools\.)?partial\(([\w.]+)")


class Effect(StrEnum):
    """How a decorated function is read and called."""

    PLAIN = "plain"
    PROPERTY = "property"
    STATIC = "static"
    CLASS = "class"
    CONTEXT = "context"
    UNKNOWN = "unknown"


def effect(world: World, module: str, function: Function) -> Effect:
    """The effect of all decorators of a function together."""
    found = Effect.CLASS if function.name in {"__init_subclass__", "__class_getitem__"} else Effect.PLAIN
    for text in function.decorators:
        one = _effect(world, module, text)
        if one is Effect.UNKNOWN:
            return one
        if one is not Effect.PLAIN and found not in {Effect.CLASS, Effect.STATIC}:
            found = one
    return found


def makes_context(world: World, module: str, function: Function) -> bool:
    """Whether a decorator turns the generator into a context manager, whatever else others do."""
    return any(_effect(world, module, text) is Effect.CONTEXT for text in function.decorators)


def _effect(world: World, module: str, text: str) -> Effect:
    key = ("decorator", module, text)
    known: Effect | None = world.memo.get(key)
    if known is None:
        world.memo[key] = Effect.UNKNOWN  # a partial of its own name would ask for ever
        known = world.memo[key] = _judged(world, module, text)
    return known


def _judged(world: World, module: str, text: str) -> Effect:
    name = callee(text)
    if name.endswith((".setter", ".getter", ".deleter")):
        return Effect.PROPERTY
    targets = dotted_text(world, module, name)
    if not targets and (known := _table().get(raw_path(world, module, name))):
        return known
    if not targets:
        partial = _partial(world, module, name)
        return Effect.UNKNOWN if partial is None else _effect(world, *partial)
    effects = set()
    for each in targets:
        known = _table().get(f"{each.module}.{each.name}".rstrip("."))
        if known is None:
            keeps = bool(each.definitions) and all(
                isinstance(one, Function) and one.decorates in {"same", "wraps"} for one in each.definitions
            )
            known = Effect.PLAIN if keeps else Effect.UNKNOWN
        effects.add(known)
    return effects.pop() if len(effects) == 1 else Effect.UNKNOWN


def _partial(world: World, module: str, name: str) -> tuple[str, str] | None:
    """Module and name of the decorator that `functools.partial` made this one of."""
    answer = find(world, module, name) if name.isidentifier() else None
    for each in answer if isinstance(answer, tuple) else ():
        for definition in each.definitions:
            if isinstance(definition, Variable) and (match := _PARTIAL.match(definition.value or "")):
                return each.module, match[1]
    return None


def added_keywords(world: World, module: str, function: Function) -> frozenset[str]:
    """The keywords that a function takes because a decorator adds, renames or once had them."""
    adding = catalogue.table("api/known")["adds"]
    found: set[str] = set()
    for text in function.decorators:
        for each in dotted_text(world, module, callee(text)) or ():
            names = adding.get(f"{each.module}.{each.name}")
            if names is not None:
                found.update(names, _TEXT.findall(text))
    return frozenset(found)


def relaxed(world: World, module: str, function: Function) -> bool:
    """Whether a decorator lets arguments come by position, with a warning, that the function takes by name."""
    names = known_paths()["relaxing"]
    return any(
        f"{each.module}.{each.name}" in names
        for text in function.decorators
        for each in dotted_text(world, module, callee(text)) or ()
    )


@lru_cache(maxsize=1)
def _table() -> dict[str, Effect]:
    listed = catalogue.table("api/known")["decorators"]
    return {path: Effect(kind) for kind, paths in listed.items() for path in paths}
