"""What decides about a constructor's arguments besides `__init__` and `__new__`: fields, metaclasses, the unknown."""

from __future__ import annotations

from verifier.symbols.bases import Base, lineage
from verifier.symbols.classes import Member, member
from verifier.symbols.model import Class, Parameter, Variable
from verifier.symbols.modules import World
from verifier.symbols.references import dotted_text
from verifier.symbols.trees import callee, last_name
from verifier.symbols.values import ClassValue


def opaque(world: World, value: ClassValue) -> bool:
    """Whether something other than `__init__` and `__new__` may decide about a constructor's arguments."""
    line = lineage(world, value.module, value.name)
    if line.opaque or not value.exact:
        return True
    if value.module in {"typing", "typing_extensions"} or (value.module, value.name) == ("builtins", "type"):
        return True
    if line.metaclass is not None:
        called = member(world, *line.metaclass, "__call__")
        if not isinstance(called, Member) or called.base.module != "builtins":
            return True
    names = {(each.module, each.name) for each in line.bases}
    return bool(names & {("enum", "Enum"), ("typing", "TypedDict"), ("typing", "NamedTuple")})


def fields_of(world: World, value: ClassValue) -> tuple[Parameter, ...] | None:
    """The parameters of a constructor that a dataclass is given; None for other classes."""
    line = lineage(world, value.module, value.name)
    made: list[Base] = []
    others: list[Base] = []
    for base in line.bases:
        (made if any(_dataclass(world, base.module, each) for each in base.statements) else others).append(base)
    if not made or any("__init__" in each.members for base in others for each in base.statements):
        return None
    fields: dict[str, Parameter | None] = {}
    for base in reversed(made):
        for statement in base.statements:
            fields |= _fields(statement)
    return tuple(each for each in fields.values() if each is not None)


def _dataclass(world: World, module: str, statement: Class) -> bool:
    for text in statement.decorators:
        targets = dotted_text(world, module, callee(text)) or ()
        if any((each.module, each.name) == ("dataclasses", "dataclass") for each in targets):
            return "init=False" not in text.replace(" ", "") and "__init__" not in statement.members
    return False


def _fields(statement: Class) -> dict[str, Parameter | None]:
    """The parameters that the annotated names of a dataclass's body become; None for a name that is no parameter."""
    by_keyword = any("kw_only=True" in text.replace(" ", "") for text in statement.decorators)
    found: dict[str, Parameter | None] = {}
    for name, definitions in statement.members.items():
        for each in definitions:
            if not isinstance(each, Variable) or each.annotation is None:
                continue
            head = last_name(each.annotation.partition("[")[0])
            if head == "KW_ONLY":
                by_keyword = True
                continue
            value = (each.value or "").replace(" ", "")
            if head == "ClassVar" or "init=False" in value:
                found[name] = None
                continue
            made_of = value.startswith(("field(", "dataclasses.field("))
            required = not value or (made_of and "default" not in value)
            kind = "k" if by_keyword or "kw_only=True" in value else ""
            found[name] = Parameter(name, kind, required)
    return found
