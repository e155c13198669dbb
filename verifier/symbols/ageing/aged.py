"""What is said of a function's parameters: by itself, by those it asks, and by the function that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from verifier.symbols.ageing.table import names
from verifier.symbols.ageing.texts import one_line, since
from verifier.symbols.bases import lineage
from verifier.symbols.classes import Member, member
from verifier.symbols.model import Aged, Ask, Class, Function
from verifier.symbols.modules import Loaded, World, load
from verifier.symbols.names import find, nested, sources
from verifier.symbols.references import dotted_text
from verifier.symbols.signatures import is_overload
from verifier.symbols.trees import callee, last_name
from verifier.symbols.values import ClassValue

_DEEPEST = 2
"""Functions asked by functions that are asked."""
_COPIED = re.compile(r"\(\s*([\w.]+)\s*\)$")


@dataclass(frozen=True, slots=True)
class _Place:
    """A function by its module and qualified name."""

    module: str
    name: str


def aged_of(world: World, module: str, name: str, depth: int = 0) -> tuple[Aged, ...]:
    """What is said of the parameters of a function or method, by the module and name where it is defined."""
    key = ("aged", module, name)
    known: tuple[Aged, ...] | None = world.memo.get(key)
    if known is None:
        world.memo[key] = ()
        known = tuple(_aged(world, _Place(module, name), depth)) if depth <= _DEEPEST else ()
        if depth == 0:
            world.memo[key] = known
        else:
            del world.memo[key]
    return known


def constructor(world: World, value: ClassValue) -> tuple[Aged, ...]:
    """What is said of that which a class is made with: by its `__init__` or `__new__`, and by the class itself."""
    found: list[Aged] = []
    holder = ("", "")
    for name in ("__init__", "__new__"):
        made = member(world, value.module, value.name, name)
        if isinstance(made, Member) and (made.base.module, made.base.name) != ("builtins", "object"):
            found += aged_of(world, made.base.module, f"{made.base.name}.{name}")
            holder = holder if holder[0] else (made.base.module, made.base.name)
    for base in lineage(world, value.module, value.name).bases:
        for _, statements in sources(world, base.module, base.name):
            found += [each for one in statements if isinstance(one, Class) for each in one.aged if each.parameter]
        if (base.module, base.name) == holder:
            break
    return tuple(current(world, value.module, found))


def current(world: World, module: str, aged: Iterable[Aged]) -> Iterator[Aged]:
    """What is said in the version at hand: each once, what the docstring adds with it."""
    loaded = load(world, module)
    version = loaded.version if isinstance(loaded, Loaded) else None
    chosen: dict[tuple[str, tuple[str, ...], bool, tuple[str, ...]], Aged] = {}
    for each in sorted(aged, key=lambda one: one.documented):
        if each.until and _reached(version, each.until):
            continue
        key = (each.parameter, each.values, each.by_place, each.without)
        first = chosen.get(key)
        chosen[key] = each if first is None else _with(first, each)
    yield from chosen.values()


def _with(first: Aged, second: Aged) -> Aged:
    """What was said first, with the words or the version of what a docstring says besides."""
    if not first.message:
        return replace(first, message=second.message)
    if not second.documented:
        return first
    began = since(second.message)
    return (
        first
        if began is None or since(first.message)
        else replace(first, message=one_line(f"since {began}; {first.message}"))
    )


def _reached(version: str | None, until: str) -> bool:
    try:
        return version is None or Version(version) >= Version(until)
    except InvalidVersion:
        return True


def _aged(world: World, place: _Place, depth: int) -> Iterator[Aged]:
    for functions in _implementations(world, place):
        found = list(_of_statement(world, place, functions[0], depth))
        for other in functions[1:]:
            said = {(each.parameter, each.values) for each in _of_statement(world, place, other, depth)}
            found = [each for each in found if (each.parameter, each.values) in said]
        yield from current(world, place.module, found)
        if found:
            return


def _implementations(world: World, place: _Place) -> Iterator[list[Function]]:
    """The statements of a function that say what it does, by file."""
    for _, statements in sources(world, place.module, place.name):
        functions = [each for each in statements if isinstance(each, Function) and not is_overload(each)]
        if functions and len(functions) == sum(not (isinstance(s, Function) and is_overload(s)) for s in statements):
            yield functions


def _of_statement(world: World, place: _Place, function: Function, depth: int) -> Iterator[Aged]:
    yield from (each for each in function.aged if each.parameter)
    for ask in function.asks:
        yield from _asked(world, place, function, ask, depth)
    for decorator in function.decorators:
        if names().decorators.get(last_name(callee(decorator))) == "copying" and (match := _COPIED.search(decorator)):
            for other in _resolved(world, place, match[1]):
                mine = {each.name for each in function.parameters}
                yield from (
                    each for each in aged_of(world, other.module, other.name, depth + 1) if each.parameter in mine
                )


def _asked(world: World, place: _Place, function: Function, ask: Ask, depth: int) -> Iterator[Aged]:
    """What a function that is given some of the parameters says of them."""
    mine = {each.name for each in function.parameters}
    for other in _resolved(world, place, ask.callee)[:1]:
        aged = aged_of(world, other.module, other.name, depth + 1)
        if not aged:
            continue
        statement = next((each for each in nested(world, other.module, other.name) if isinstance(each, Function)), None)
        places = [each.name for each in statement.parameters if each.kind in {"", "/"}] if statement else []
        if "." in other.name and places and places[0] in {"self", "cls"}:
            places = places[1:]
        given = {
            (places[int(where)] if int(where) < len(places) else "") if where.isdecimal() else where: parameter
            for where, parameter in ask.given
        }
        for each in aged:
            if each.parameter in given and not each.by_place and mine.issuperset(each.without):
                yield replace(each, parameter=given[each.parameter])


def _resolved(world: World, place: _Place, path: str) -> list[_Place]:
    """Where a function that a function's body calls is defined; of a method on a local object, by its name alone."""
    first, _, rest = path.partition(".")
    owner = place.name.rpartition(".")[0]
    if rest and "." not in rest and first in {"self", "cls"} and owner:
        found = member(world, place.module, owner, rest)
        return [_Place(found.base.module, f"{found.base.name}.{rest}")] if isinstance(found, Member) else []
    head = find(world, place.module, first)
    if isinstance(head, tuple):
        targets = dotted_text(world, place.module, path) or ()
        if targets:
            return [_Place(each.module, each.name) for each in targets if each.name]
        holders = [each for each in head if any(isinstance(one, Class) for one in each.definitions)]
        return [one for each in holders if rest for one in _method(world, each.module, each.name, rest)]
    return _by_name(world, place.module, rest) if rest and "." not in rest else []


def _method(world: World, module: str, owner: str, name: str) -> list[_Place]:
    found = member(world, module, owner, name)
    return [_Place(found.base.module, f"{found.base.name}.{name}")] if isinstance(found, Member) else []


def _by_name(world: World, module: str, name: str) -> list[_Place]:
    """The only method of that name that the module's classes, and those it imports by name, have."""
    loaded = load(world, module)
    found: dict[_Place, None] = {}
    for table in loaded.tables if isinstance(loaded, Loaded) else ():
        for each, definitions in table.names.items():
            for one in definitions:
                if isinstance(one, Class) and name in one.members:
                    found[_Place(module, f"{each}.{name}")] = None
    return list(found) if len(found) == 1 else []
