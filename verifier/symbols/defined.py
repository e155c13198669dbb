"""What the names of a library's module stand for, by the statements that define them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import libcst as cst

# These modules ask one another, as an expression's names lead to statements and those to expressions: where there is a
# circle, the module is imported and not its names.
from verifier.symbols import expressions, hints
from verifier.symbols.bases import lineage
from verifier.symbols.frames import Frame
from verifier.symbols.model import Class, Definition, Function, Import, Variable
from verifier.symbols.modules import World
from verifier.symbols.names import Defined, find, imported, nested
from verifier.symbols.references import is_form
from verifier.symbols.trees import callee, last_name, parsed
from verifier.symbols.values import ClassValue, FunctionValue, Instance, ModuleValue, Special, Types, Value, class_of

_TYPE_VARIABLES = frozenset({"TypeVar", "TypeVarTuple", "ParamSpec"})


@dataclass(slots=True, eq=False)
class ModuleFrame:
    """A library's module, inside a class and function of it where these are given."""

    world: World
    module: str
    owner: str = ""
    receiver: Value | None = None
    substitution: Mapping[str, Types] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Names that are parameters here, whose values are not known."""

    def lookup(self, node: cst.Name) -> Types:
        """The values of a name, the receiver under its usual names."""
        name = node.value
        if self.receiver is not None and name == "self":
            return (self.receiver,)
        if self.receiver is not None and name == "cls":
            return class_of(self.receiver)
        if name in self.hidden:
            return ()
        owner = self.owner
        while owner:
            inner = tuple(
                each for each in nested(self.world, self.module, f"{owner}.{name}") if not isinstance(each, Function)
            )
            if inner:
                return values(self.world, (Defined(self.module, inner, f"{owner}.{name}"),))
            owner = owner.rpartition(".")[0]
        answer = find(self.world, self.module, name)
        if not isinstance(answer, tuple) and self.module != "builtins":
            answer = find(self.world, "builtins", name)
        return values(self.world, answer) if isinstance(answer, tuple) else ()

    def inside(self, node: cst.CSTNode) -> Frame | None:
        """Comprehensions in libraries are not looked into."""
        del node
        return None

    def known(self, node: cst.BaseExpression) -> Types | None:
        """Tests in libraries are not looked at."""
        del node
        return None


def values(world: World, things: Iterable[Defined]) -> Types:
    """The values of what a name stands for; unknown when one of them is."""
    found: dict[Value, None] = {}
    for each in things:
        if each.is_module:
            found[ModuleValue(each.module)] = None
            continue
        if not each.definitions:
            return ()
        for definition in each.definitions:
            some = _value(world, each.module, each.name, definition)
            if not some:
                return ()
            found.update(dict.fromkeys(some))
    return tuple(found)


def thing(world: World, dotted: str) -> Value | None:
    """The one module-level thing that a dotted path stands for, as far as that is known."""
    key = ("thing", dotted)
    if key not in world.memo:
        module, _, name = dotted.rpartition(".")
        answer = find(world, module, name) if module else None
        some = values(world, answer) if isinstance(answer, tuple) else ()
        world.memo[key] = some[0] if len(some) == 1 else None
    known: Value | None = world.memo[key]
    return known


def _value(world: World, module: str, name: str, definition: Definition) -> Types:
    match definition:
        case Class():
            return (ClassValue(module, name),)
        case Function():
            return (FunctionValue(module, name),)
        case Variable():
            return _variable(world, module, name, definition)
        case Import():
            return values(world, imported(world, definition))


def _variable(world: World, module: str, name: str, variable: Variable) -> Types:
    key = ("variable", module, name, variable.line)
    known: Types | None = world.memo.get(key)
    if known is None:
        world.memo[key] = ()
        known = world.memo[key] = _variable_types(world, module, name, variable)
    return known


def _keeps(world: World, said: Types, variable: Variable, frame: ModuleFrame) -> bool:
    """Whether a variable's first value may be what its annotation says: a proxy is given as what it stands for."""
    node = parsed(variable.value) if variable.value is not None else None
    made = expressions.evaluate(node, frame) if isinstance(node, cst.Call) else ()
    wanted = [each for each in said if isinstance(each, Instance)]
    if not made or not wanted or len(wanted) != len(said):
        return True
    classes = {(each.module, each.name) for each in wanted}
    for each in made:
        if isinstance(each, Instance) and each.exact:
            above = {(base.module, base.name) for base in lineage(world, each.module, each.name).bases}
            if classes.isdisjoint(above):
                return False
    return True


def _variable_types(world: World, module: str, name: str, variable: Variable) -> Types:
    frame = ModuleFrame(world, module, name.rpartition(".")[0])
    annotation = variable.annotation
    if is_form(module, variable):
        return (Special(variable.name),)
    if annotation is not None and last_name(annotation) not in {"TypeAlias", "Final"}:
        node = parsed(annotation)
        said = hints.annotate(node, frame) if node is not None else ()
        return said if _keeps(world, said, variable, frame) else ()
    node = parsed(variable.value) if variable.value is not None else None
    if node is None:
        return ()
    if isinstance(node, cst.Call) and last_name(callee(variable.value or "")) in _TYPE_VARIABLES:
        return (Special(variable.name, module, variable=True),)
    if variable.value == variable.name:
        return ()
    return expressions.evaluate(node, frame)
