"""The bases of a class in the order in which Python asks them, and why it may have more than they name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from verifier.symbols.known import known_paths
from verifier.symbols.model import Class, Definition, Function
from verifier.symbols.modules import World
from verifier.symbols.names import Defined, nested, sources
from verifier.symbols.references import adds_nothing, dotted_text, raw_path
from verifier.symbols.trees import callee


@dataclass(frozen=True, slots=True)
class Base:
    """One class of a method resolution order: where it is defined, its statements, and the text it is a base by."""

    module: str
    name: str
    statements: tuple[Class, ...]
    text: str = ""
    child: int = -1
    """Index of the class whose base this is, -1 for the class itself."""

    def values(self, name: str) -> tuple[Definition, ...]:
        """What the class body itself binds the name to."""
        return tuple(each for statement in self.statements for each in statement.members.get(name, ()))


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class with all its bases, nearest first; `open` says why it may have more than they name."""

    bases: tuple[Base, ...]
    open: str | None
    opaque: bool = False
    """A base, decorator or metaclass is not known, so that the class may be made into anything."""
    metaclass: tuple[str, str] | None = None


def lineage(world: World, module: str, name: str) -> Lineage:
    """A class and its bases in the order of Python's C3 linearisation."""
    key = ("lineage", module, name)
    known: Lineage | None = world.memo.get(key)
    if known is None:
        world.memo[key] = Lineage((), f"{name} is its own base", opaque=True)
        known = world.memo[key] = _lineage(world, module, name)
    return known


def is_enum(world: World, module: str, name: str) -> bool:
    """Whether a class derives from `enum.Enum`, so that its names are its objects."""
    return any((each.module, each.name) == ("enum", "Enum") for each in lineage(world, module, name).bases)


def _lineage(world: World, module: str, name: str) -> Lineage:
    statements = tuple(each for each in nested(world, module, name) if isinstance(each, Class))
    if not statements:
        return Lineage((), f"{module}.{name} was not found as a class", opaque=True)
    metaclasses: list[tuple[str, str]] = []
    unsure = [
        f"{module}.{name}: {why}"
        for each in statements
        if (why := _remade(world, module, each, metaclasses)) is not None
    ]
    set_by_name = [f"{module}.{name}: {each.open}" for each in statements if each.open]
    if metaclasses and f"{module}.{name}" in known_paths()["closed-for-calls"]:
        # what its metaclass adds is data, so that the class is open but no other one
        set_by_name, unsure = [*unsure, *set_by_name], []
    if f"{module}.{name}" in known_paths()["closed"]:
        set_by_name = []
    parents: list[tuple[str, Lineage]] = []
    for text in dict.fromkeys(text for each in statements for text in each.bases):
        targets = dotted_text(world, module, text, name)
        if targets is None:
            unsure.append(f"the base {text} of {module}.{name} cannot be resolved")
            continue
        parents += [
            (text, lineage(world, target.module, target.name)) for target in targets if not adds_nothing(target)
        ]
    lines = [line for _, line in parents]
    order = _merged([[_key(base) for base in line.bases] for line in lines])
    reasons = [*unsure, *(line.open for line in lines if line.open)]
    if order is None:
        order = list(dict.fromkeys(_key(base) for line in lines for base in line.bases))
        reasons.append(f"the bases of {module}.{name} have no order that fits all")
        unsure.append(reasons[-1])
    reasons += set_by_name
    metaclasses += [line.metaclass for line in lines if line.metaclass is not None]
    return Lineage(
        (Base(module, name, statements), *_placed(order, parents)),
        reasons[0] if reasons else None,
        bool(unsure) or any(line.opaque for line in lines),
        metaclasses[0] if metaclasses else None,
    )


def _key(base: Base) -> tuple[str, str]:
    return base.module, base.name


def _merged(lines: list[list[tuple[str, str]]]) -> list[tuple[str, str]] | None:
    """The C3 merge of the parents' orders and the order of the parents; None where there is none."""
    todo = [list(line) for line in lines if line] + [[line[0] for line in lines if line]]
    order: list[tuple[str, str]] = []
    while todo := [line for line in todo if line]:
        head = next((line[0] for line in todo if not any(line[0] in other[1:] for other in todo)), None)
        if head is None:
            return None
        order.append(head)
        todo = [line[1:] if line[0] == head else line for line in todo]
    return order


def _placed(order: list[tuple[str, str]], parents: list[tuple[str, Lineage]]) -> list[Base]:
    """The bases in their order, each with the text that it is a base by and the index of the class below it."""
    index = {key: number for number, key in enumerate(order, 1)}
    found: list[Base] = []
    for key in order:
        text, line = next((text, line) for text, line in parents if key in map(_key, line.bases))
        base = next(each for each in line.bases if _key(each) == key)
        if base.child >= 0:
            found.append(replace(base, child=index[_key(line.bases[base.child])]))
        else:
            found.append(replace(base, text=text, child=0))
    return found


def remade(world: World, module: str, statement: Class) -> str | None:
    """Why a class may be another than its statement says, for a statement that no lineage holds."""
    return _remade(world, module, statement, [])


def _remade(world: World, module: str, statement: Class, metaclasses: list[tuple[str, str]]) -> str | None:
    """Why a class may be another than its statement says."""
    for text in statement.decorators:
        if not _harmless(world, module, text):
            return f"the decorator {text} may add attributes"
    for keyword, text in statement.keywords:
        if keyword == "metaclass":
            metaclasses += [(each.module, each.name) for each in dotted_text(world, module, text) or ()]
            if not _plain_metaclasses(world, module, text):
                return f"the metaclass {text} may add attributes"
    return None


def _plain_metaclasses(world: World, module: str, text: str) -> bool:
    """Whether a class with that metaclass, as its module writes it, has what its statements say and no more."""
    targets = dotted_text(world, module, text) or ()
    return bool(targets) and all(_plain_metaclass(world, each.module, each.name) for each in targets)


def _plain_metaclass(world: World, module: str, name: str) -> bool:
    path = f"{module}.{name}"
    if path in known_paths()["metaclasses"]:
        return True
    bases = lineage(world, module, name)
    if bases.open:
        return False
    mine = [
        each
        for each in bases.bases
        if each.module != "builtins" and f"{each.module}.{each.name}" not in known_paths()["metaclasses"]
    ]
    making = {"__new__", "__init__", "__prepare__", "__getattr__", "__getattribute__", "__call__"}
    return not any(making & statement.members.keys() for each in mine for statement in each.statements)


def _harmless(world: World, module: str, decorator: str) -> bool:
    """Whether a class decorator gives the class back with nothing added that anybody would read."""
    targets = dotted_text(world, module, callee(decorator))
    if not targets:
        return raw_path(world, module, callee(decorator)) in known_paths()["class-decorators"]
    for each in targets:
        if f"{each.module}.{each.name}" in known_paths()["class-decorators"]:
            continue
        if not _gives_back(world, each):
            return False
    return True


def _gives_back(world: World, decorator: Defined) -> bool:
    """Whether a decorator's own body, and not only its annotation, gives a class back as it was."""
    bodies = [found for stub, found in sources(world, decorator.module, decorator.name) if not stub]
    functions = [each for found in bodies for each in found]
    return bool(functions) and all(
        isinstance(each, Function)
        and each.decorates == "same"
        and not any("dataclass_transform" in text for text in each.decorators)
        for each in functions
    )
