"""What a dotted public path leads to in a world: the statements behind it, or who lacks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.symbols import defined, evidence
from verifier.symbols.ageing.names import answered
from verifier.symbols.attributes import member_types
from verifier.symbols.bases import lineage, remade
from verifier.symbols.classes import Member, member
from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.model import Class, Definition, Table
from verifier.symbols.modules import Loaded, World, deeper, load
from verifier.symbols.names import find
from verifier.symbols.values import ClassValue, Instance, ModuleValue, Types, Value, without_none
from verifier.world.files import Packed, parse
from verifier.world.installed import Missing, Unknown


@dataclass(frozen=True, slots=True)
class Spot:
    """What a path leads to: where it is defined (an empty name: the module itself), by what, and what that may be."""

    module: str
    name: str
    definitions: tuple[Definition, ...]
    values: Types
    holder: Value
    """What the last part of the path was taken from."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """Where a path ends: what holds no such name, and where that stands."""

    holder: Value
    name: str
    place: str


def locate(world: World, path: str, *, calling: bool = False) -> Spot | Lacking | Unknown:
    """Follow a dotted path from its top-level module; `calling` says that it leads to what is called."""
    parts = path.split(".")
    # a namespace package that several distributions share (`google`) is no module of any of them
    starts = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    first = next((each for each in starts if isinstance(load(world, each), Loaded)), parts[0])
    rest = parts[first.count(".") + 1 :]
    top = load(world, first)
    here: Value = ModuleValue(first)
    if isinstance(top, Missing):
        return Lacking(here, first, first)
    if isinstance(top, Unknown):
        return top
    spot = Spot(first, "", (), (here,), here)
    for number, part in enumerate(rest, 1):
        if number > 1:
            values = without_none(spot.values)
            if len(values) != 1:
                return Unknown(f"what {'.'.join([first, *rest[: number - 1]])} is cannot be told")
            here = values[0]
        answer = _step(world, here, part, calling=calling)
        if not isinstance(answer, Spot):
            return answer
        spot = answer
    return spot


def place(world: World, module: str, name: str) -> str:
    """File, as installed, and line of a definition; of a module's first line where the name is empty or not found."""
    loaded = load(world, module)
    current: Loaded | None = loaded if isinstance(loaded, Loaded) else None
    first: str | None = None
    while current is not None:
        for table in current.tables:
            first = first or _shown(table.file)
            if name and (line := _line(table, name)):
                return f"{_shown(table.file)}:{line}"
        current = deeper(world, current)
    return f"{first}:1" if first else f"{module.replace('.', '/')}/"


def place_of(world: World, value: Value) -> str:
    """Where the statement of a value stands."""
    match value:
        case ModuleValue(name=module):
            return place(world, module, "")
        case _:
            return place(world, value.module, value.name)


def _step(world: World, here: Value, part: str, *, calling: bool) -> Spot | Lacking | Unknown:
    match here:
        case ModuleValue():
            answer = find(world, here.name, part)
            if isinstance(answer, tuple):
                definitions = tuple(one for each in answer for one in each.definitions)
                if definitions and all(each.typing_only for each in definitions):
                    if answered(world, here.name, part) is not None:
                        return Spot(here.name, part, (), defined.values(world, answer), here)
                    return Unknown(f"{here.name}.{part} is there for type checkers")
                found = answer[0]
                inner = f"{here.name}.{part}"
                if not definitions and not found.is_module and isinstance(load(world, inner), Loaded):
                    return Spot(inner, "", (), (ModuleValue(inner),), here)  # `__getattr__` loads it when asked
                if _only_imported(world, here.name, part, found.module):
                    return Unknown(f"the stub of {here.name} imports {part}, which need not mean that it has it")
                return Spot(found.module, found.name, definitions, defined.values(world, answer), here)
            return _lacking(world, here, part, answer, calling=calling)
        case ClassValue() | Instance():
            return _of_class(world, here, part, calling=calling)
        case _:
            return Unknown(f"{part} is asked of a function")


def _only_imported(world: World, module: str, name: str, origin: str) -> bool:
    """Whether all there is of a name is that a stub imports it from another library, for its own use (PEP 484)."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or origin.partition(".")[0] == module.partition(".")[0]:
        return False
    if loaded.distribution == STANDARD and origin.startswith("_"):
        return False  # the compiled half of a module, whose names typeshed's stubs pass on
    return all(table.stub for table in loaded.tables if name in table.names)


def _of_class(world: World, here: ClassValue | Instance, part: str, *, calling: bool) -> Spot | Lacking | Unknown:
    made = Instance(here.module, here.name, exact=True)
    found = member(world, here.module, here.name, part, calling=calling)
    if isinstance(found, Member):
        if (why := _remade_below(world, here, found)) is not None:
            return Unknown(why)
        types = member_types(world, found, part, made)
        return Spot(found.base.module, f"{found.base.name}.{part}", found.definitions, types, here)
    metaclass = lineage(world, here.module, here.name).metaclass
    if isinstance(found, Missing) and metaclass is not None:
        higher = member(world, *metaclass, part)
        if isinstance(higher, Member):
            return Spot(higher.base.module, f"{higher.base.name}.{part}", higher.definitions, (), here)
        found = higher if isinstance(higher, Unknown) else found
    return _lacking(world, made, part, found, calling=calling)


def _remade_below(world: World, here: ClassValue | Instance, found: Member) -> str | None:
    """Why a class that inherits a member may have another one of that name: something makes more of its statement."""
    for base in lineage(world, here.module, here.name).bases:
        if (base.module, base.name) == (found.base.module, found.base.name):
            return None
        for statement in base.statements:
            if (why := remade(world, base.module, statement)) is not None:
                return f"{base.module}.{base.name}: {why}"
    return None


def _lacking(world: World, holder: Value, part: str, answer: Missing | Unknown, *, calling: bool) -> Lacking | Unknown:
    if isinstance(answer, Unknown):
        return answer
    if evidence.may_have(world, holder, part, calling=calling):
        return Unknown(f"something outside {_path(holder)} may give it {part}")
    return Lacking(holder, part, place_of(world, holder))


def _path(value: Value) -> str:
    return value.name if isinstance(value, ModuleValue) else f"{value.module}.{value.name}"


def _line(table: Table, name: str) -> int:
    """The line of a qualified name's first statement in one file; 0 where it has none."""
    first, *rest = name.split(".")
    found: Sequence[Definition] = table.names.get(first, ())
    for part in rest:
        found = [
            inner
            for each in found
            if isinstance(each, Class)
            for inner in (*each.members.get(part, ()), *each.attributes.get(part, ()))
        ]
    return found[0].line if found else 0


def _shown(file: str) -> str:
    """A file without the archive or the folder that it was read from."""
    path = parse(file)
    if isinstance(path, Packed):
        return "/".join(path.parts[1:])
    parts = path.parts
    return "/".join(parts[parts.index("typeshed") :]) if "typeshed" in parts else path.name
