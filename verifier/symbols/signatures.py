"""Whether a call's arguments fit a function's parameters, by their number and names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import libcst as cst

from verifier.symbols.model import Function, Parameter


class RefusalKind(StrEnum):
    """Why Python would raise a TypeError before the function's first line."""

    KEYWORD = "keyword"
    POSITIONAL = "positional"
    MISSING = "missing"
    BY_NAME = "by-name"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a call fails, with the argument's name or the numbers that say so."""

    kind: RefusalKind
    name: str
    most: int = 0
    given: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The arguments of a call: how many positional ones, which keywords, and whether `*` or `**` bring more."""

    positional: int
    keywords: tuple[str, ...]
    star: bool = False
    stars: bool = False


def shape_of(node: cst.Call) -> Shape:
    """The shape of a call."""
    keywords = tuple(each.keyword.value for each in node.args if each.keyword is not None)
    plain = sum(1 for each in node.args if each.keyword is None and each.star == "")
    star = any(each.star == "*" for each in node.args)
    return Shape(plain, keywords, star, any(each.star == "**" for each in node.args))


def refusals(function: Function, shape: Shape, *, bound: bool) -> tuple[Refusal, ...]:
    """Why a function refuses the arguments; keywords that its `**kwargs` takes are not judged here."""
    return refused(function.parameters, shape, bound=bound)


def refused(parameters: Iterable[Parameter], shape: Shape, *, bound: bool) -> tuple[Refusal, ...]:
    """Why such parameters refuse the arguments; `bound`: the first one has its argument already."""
    listed = list(parameters)
    if bound and listed and listed[0].kind in {"", "/"}:
        listed = listed[1:]
    places = [each for each in listed if each.kind in {"", "/"}]
    more = any(each.kind == "*" for each in listed)
    anything = any(each.kind == "**" for each in listed)
    found: list[Refusal] = []
    if shape.positional > len(places) and not more:
        found.append(Refusal(RefusalKind.POSITIONAL, "", len(places), shape.positional))
    filled = {each.name for each in places[: shape.positional]}
    by_name = {each.name: each for each in listed if each.kind in {"", "k"}}
    only_by_place = {each.name for each in listed if each.kind == "/"}
    for keyword in shape.keywords:
        if keyword in by_name:
            if keyword in filled:
                found.append(Refusal(RefusalKind.TWICE, keyword))
        elif not anything:
            kind = RefusalKind.BY_NAME if keyword in only_by_place else RefusalKind.KEYWORD
            found.append(Refusal(kind, keyword))
    if not shape.stars:
        for index, each in enumerate(places):
            got = index < shape.positional or shape.star or (each.kind == "" and each.name in shape.keywords)
            if each.required and not got:
                found.append(Refusal(RefusalKind.MISSING, each.name))
        found += [
            Refusal(RefusalKind.MISSING, each.name)
            for each in listed
            if each.kind == "k" and each.required and each.name not in shape.keywords
        ]
    return tuple(found)


def is_overload(function: Function) -> bool:
    """Whether the statement is one of a function's overloads (`typing.overload`)."""
    return any(each.rpartition(".")[2] == "overload" for each in function.decorators)


def takes_any(function: Function) -> bool:
    """Whether the function has a `**kwargs` parameter."""
    return any(each.kind == "**" for each in function.parameters)


def named(function: Function) -> frozenset[str]:
    """The names that a keyword argument can have without going into `**kwargs`."""
    return frozenset(each.name for each in function.parameters if each.kind in {"", "k"})
