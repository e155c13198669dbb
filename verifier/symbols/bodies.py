"""One walk over the body of a function: what it returns, binds, calls and stores, functions inside it included."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from verifier.symbols.conditions import State
from verifier.symbols.reading import Def, Reading
from verifier.symbols.strings import strings

_NO_CHILDREN = frozenset({"ctx", "op", "ops", "annotation", "returns", "type_comment", "names", "type_params"})
_FIELDS: dict[type, tuple[str, ...]] = {}
"""The fields of each kind of node, last first, that may hold statements or expressions that run."""


def children(node: ast.AST) -> list[ast.AST]:
    """The statements and expressions right inside a node, last first; annotations are none."""
    cls = node.__class__
    fields = _FIELDS.get(cls)
    if fields is None:
        fields = _FIELDS[cls] = tuple(each for each in reversed(cls._fields) if each not in _NO_CHILDREN)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [each for each in reversed(value) if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(*roots: ast.AST) -> Iterator[ast.AST]:
    """Every node under the roots that runs, in the order of the text."""
    stack: list[ast.AST] = list(reversed(roots))
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)


@dataclass(frozen=True, slots=True)
class Store:
    """An assignment to an attribute: of what, its name, and the value and annotation where they are plain."""

    owner: ast.expr
    name: str
    line: int
    value: ast.expr | None = None
    annotation: ast.expr | None = None


@dataclass(slots=True, eq=False)
class Body:
    """What one walk has met."""

    first: str | None
    """The name of a method's first parameter."""
    returns: list[ast.expr | None] = field(default_factory=list)
    generator: bool = False
    bound: dict[str, list[tuple[str, ast.expr | None]]] = field(default_factory=dict)
    """How each local name is bound: `=`, `with` or anything else, and to what."""
    loops: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Loop variables over literal strings."""
    calls: list[ast.Call] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    dictionary: bool = False
    """Whether some object's `__dict__` or `vars()` is used."""

    def bind(self, target: ast.expr, how: str, value: ast.expr | None, annotation: ast.expr | None = None) -> None:
        """Note what an assignment, loop or `with` gives a name or an attribute."""
        if isinstance(target, ast.Name):
            self.bound.setdefault(target.id, []).append((how, value))
        elif isinstance(target, ast.Attribute):
            self.stores.append(
                Store(target.value, target.attr, target.lineno, value if how == "=" else None, annotation)
            )
        elif isinstance(target, ast.Starred):
            self.bind(target.value, "", None)
        elif isinstance(target, ast.Tuple | ast.List):
            pairs = pairwise(target, value) if how == "=" else None
            for index, each in enumerate(target.elts):
                self.bind(each, "=" if pairs else "", pairs[index] if pairs else None)


def pairwise(target: ast.Tuple | ast.List, value: ast.expr | None) -> list[ast.expr] | None:
    """The values that a display of the same length gives the parts of a tuple target."""
    if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != len(target.elts):
        return None
    if any(isinstance(each, ast.Starred) for each in (*target.elts, *value.elts)):
        return None
    return value.elts


@dataclass(slots=True, eq=False)
class _Walking:
    """A walk on its way: first the function's own statements, then those of the functions inside it."""

    reading: Reading
    body: Body
    inner: list[ast.AST] = field(default_factory=list)
    own: bool = True


def scan(reading: Reading, node: Def, first: str | None) -> Body:
    """Walk one function that is not inside another; the module's facts in it go to the reading."""
    body = Body(first)
    walking = _Walking(reading, body)
    stack: list[ast.AST] = list(reversed(node.body))
    while stack or walking.inner:
        if not stack:
            stack, walking.inner, walking.own = list(reversed(walking.inner)), [], False
        each = stack.pop()
        visit = _VISITORS.get(each.__class__)
        if visit is None or visit(walking, each):
            stack += children(each)
    for store in body.stores:
        if not (isinstance(store.owner, ast.Name) and store.owner.id == first):
            reading.stored.add(store.name)
    return body


def _assign(walking: _Walking, node: ast.AST) -> bool:
    match node:
        case ast.Assign():
            for target in node.targets:
                walking.body.bind(target, "=", node.value)
        case ast.AnnAssign():
            # without a value nothing is bound, but an attribute is declared
            if node.value is not None or isinstance(node.target, ast.Attribute):
                walking.body.bind(node.target, "=", node.value, node.annotation)
        case ast.AugAssign():
            walking.body.bind(node.target, "", None)
        case ast.NamedExpr():
            walking.body.bind(node.target, "=", node.value)
    return True


def _loop(walking: _Walking, node: ast.AST) -> bool:
    assert isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)  # noqa: S101
    walking.body.bind(node.target, "", None)
    if isinstance(node.target, ast.Name):
        keys = strings(node.iter, walking.reading.literals)
        if keys is not None and node.target.id not in walking.body.loops:
            walking.body.loops[node.target.id] = keys
        else:
            walking.body.loops[node.target.id] = ()
    return True


def _bind_other(walking: _Walking, node: ast.AST) -> bool:
    match node:
        case ast.withitem():
            if node.optional_vars is not None:
                walking.body.bind(node.optional_vars, "with", node.context_expr)
        case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
            if node.name:
                walking.body.bound.setdefault(node.name, []).append(("", None))
        case ast.MatchMapping():
            if node.rest:
                walking.body.bound.setdefault(node.rest, []).append(("", None))
    return True


def _importing(walking: _Walking, node: ast.AST) -> bool:
    assert isinstance(node, ast.Import | ast.ImportFrom)  # noqa: S101
    for each in walking.reading.importing(node, State()):
        walking.body.bound.setdefault(each.name, []).append(("import", None))
    return False


def _global(walking: _Walking, node: ast.AST) -> bool:
    assert isinstance(node, ast.Global)  # noqa: S101
    for name in node.names:
        walking.reading.declared.setdefault(name, node.lineno)
        walking.body.bound.setdefault(name, []).append(("", None))
    return False


def _returns(walking: _Walking, node: ast.AST) -> bool:
    if walking.own:
        if isinstance(node, ast.Return):
            walking.body.returns.append(node.value)
        else:
            walking.body.generator = True
    return True


def _call(walking: _Walking, node: ast.AST) -> bool:
    assert isinstance(node, ast.Call)  # noqa: S101
    walking.body.calls.append(node)
    if isinstance(node.func, ast.Name):
        walking.body.dictionary = walking.body.dictionary or node.func.id == "vars"
        match node.args:
            case [owner, ast.Constant(value=str(name)), *_] if node.func.id == "setattr":
                if not (isinstance(owner, ast.Name) and owner.id == walking.body.first):
                    walking.reading.stored.add(name)
    return True


def _attribute(walking: _Walking, node: ast.AST) -> bool:
    assert isinstance(node, ast.Attribute)  # noqa: S101
    if node.attr == "__dict__":
        walking.body.dictionary = True
    return True


def _function(walking: _Walking, node: ast.AST) -> bool:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)  # noqa: S101
    if not isinstance(node, ast.Lambda):
        walking.body.bound.setdefault(node.name, []).append(("def", None))
    for name in parameter_names(node.args):
        walking.body.bound.setdefault(name, []).append(("parameter", None))
    walking.inner += reversed(children(node))
    return False


def _class(walking: _Walking, node: ast.AST) -> bool:
    assert isinstance(node, ast.ClassDef)  # noqa: S101
    walking.body.bound.setdefault(node.name, []).append(("class", None))
    for each in node.body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            scan(walking.reading, each, next(parameter_names(each.args), None))
        else:
            walking.inner.append(each)
    return False


def parameter_names(arguments: ast.arguments) -> Iterator[str]:
    """The names of all parameters, in order."""
    for each in (*arguments.posonlyargs, *arguments.args):
        yield each.arg
    if arguments.vararg:
        yield arguments.vararg.arg
    for each in arguments.kwonlyargs:
        yield each.arg
    if arguments.kwarg:
        yield arguments.kwarg.arg


_VISITORS: Mapping[type[ast.AST], Callable[[_Walking, ast.AST], bool]] = {
    **dict.fromkeys((ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.Nonlocal), lambda _, __: False),
    **dict.fromkeys((ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr), _assign),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.comprehension), _loop),
    **dict.fromkeys((ast.withitem, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping), _bind_other),
    **dict.fromkeys((ast.Import, ast.ImportFrom), _importing),
    **dict.fromkeys((ast.Return, ast.Yield, ast.YieldFrom), _returns),
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda), _function),
    ast.Attribute: _attribute,
    ast.Global: _global,
    ast.Call: _call,
    ast.ClassDef: _class,
}
