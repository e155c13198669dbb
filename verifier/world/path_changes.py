"""What the statements of one file do to `sys.path`, function by function."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.world.path_expressions import folder

SIGNS = re.compile(r"sys\.path|[\"']path[\"']|syspath|addsitedir")
"""Words without which no text changes where modules are looked for."""
_SETUPS = ("setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class")
"""Methods that run before each, or the first, test of their class (unittest; pytest's xunit-style set-up)."""
_ADDING = frozenset({"append", "insert", "extend"})
Def = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Unit:
    """A function or method of a file, with all inside it; the unit without a name is the rest of the file."""

    name: str
    fixture: str | None
    """What tests ask for it by, where it is a fixture of pytest's."""
    added: tuple[str | None, ...]
    """The folders that it puts on the path; None for one that cannot be worked out."""
    uses: frozenset[str]
    """Names of its parameters, which may be fixtures, and of the functions that it calls."""
    imports: frozenset[str]


def read(text: str, file: str) -> tuple[Unit, ...]:
    """The units of a text; none where it cannot be parsed or is nested too deeply."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(ast.parse(text), file)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _read(tree: ast.Module, file: str) -> tuple[Unit, ...]:
    functions = list(_functions(tree))
    inside = {id(each) for _, function in functions for each in ast.walk(function)}
    rest = [each for each in ast.walk(tree) if id(each) not in inside]
    names = _bound(rest)
    top = Unit("", None, tuple(_added(rest, file, names)), frozenset(), frozenset(_imports(rest)))
    return (top, *(_unit(owner, function, file, names) for owner, function in functions))


def _functions(tree: ast.Module) -> Iterator[tuple[ast.ClassDef | None, Def]]:
    """The outermost functions, each with the class whose method it is."""
    todo: list[tuple[ast.ClassDef | None, ast.AST]] = [(None, tree)]
    while todo:
        owner, node = todo.pop()
        for each in ast.iter_child_nodes(node):
            if isinstance(each, Def):
                yield owner, each
            else:
                todo.append((each if isinstance(each, ast.ClassDef) else owner, each))


def _unit(owner: ast.ClassDef | None, function: Def, file: str, above: Mapping[str, ast.expr | None]) -> Unit:
    nodes = list(ast.walk(function))
    parameters = {each.arg for each in nodes if isinstance(each, ast.arg)}
    names = {**above, **_bound(nodes), **dict.fromkeys(parameters)}
    uses = parameters | {each for node in nodes if isinstance(node, ast.Call) for each in _called(node, owner)}
    if owner is not None:
        uses |= {f"{owner.name}.{each}" for each in _SETUPS}
        uses |= {each for decorator in owner.decorator_list for each in _asked(decorator)}
    return Unit(
        f"{owner.name}.{function.name}" if owner else function.name,
        next((name for each in function.decorator_list if (name := _fixture(each, function.name))), None),
        tuple(_added(nodes, file, names)),
        frozenset(uses),
        frozenset(_imports(nodes)),
    )


def _called(node: ast.Call, owner: ast.ClassDef | None) -> Iterator[str]:
    """The function of the file that a call means, and the fixtures that a mark asks for."""
    match node.func:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if owner is not None:
            yield f"{owner.name}.{name}"
    yield from _asked(node)


def _asked(node: ast.expr) -> Iterator[str]:
    """The names of `pytest.mark.usefixtures("name")`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="usefixtures"), args=given):
            yield from (each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str))


def _fixture(decorator: ast.expr, name: str) -> str | None:
    """The name of the fixture that a decorator makes of a function."""
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    if (getattr(function, "attr", None) or getattr(function, "id", None)) not in {"fixture", "yield_fixture"}:
        return None
    given = [each.value.value for each in keywords if each.arg == "name" and isinstance(each.value, ast.Constant)]
    return str(given[0]) if given else name


def _bound(nodes: list[ast.AST]) -> dict[str, ast.expr | None]:
    """What names are bound to by assignments; None for those that are bound more than once, or otherwise."""
    found: dict[str, ast.expr | None] = {}
    values: dict[int, ast.expr] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name() as target], value=value):
                values[id(target)] = value
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                values[id(target)] = value
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None if node.id in found else values.get(id(node))
    return found


def _imports(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def _added(nodes: list[ast.AST], file: str, names: Mapping[str, ast.expr | None]) -> Iterator[str | None]:
    """The folders that statements put on the path."""
    for node in nodes:
        for each in _expressions(node):
            yield folder(each, file, names) if each is not None else None


def _expressions(node: ast.AST) -> Iterator[ast.expr | None]:
    """The expressions for the folders that a node puts on the path; None for those that no expression names."""
    match node:
        case ast.Call(func=ast.Attribute(value=path, attr=name), args=[*_, last]) if name in _ADDING and _is_path(path):
            yield from _elements(last) if name == "extend" else (last,)
        case ast.Call(func=ast.Attribute(attr="syspath_prepend" | "addsitedir"), args=[first, *_]):
            yield first
        case ast.Call(func=ast.Attribute(attr="syspathinsert")):
            yield None  # pytester's own folder, where nothing is given
        case ast.Call(args=[ast.Name(id="sys"), ast.Constant(value="path"), value, *_]):
            yield from _elements(value)  # monkeypatch.setattr, patch.object
        case ast.Call(args=[ast.Constant(value="sys.path"), value, *_]):
            yield from _elements(value)
        case ast.Assign(targets=[ast.Subscript(value=path) | path], value=value) if _is_path(path):
            yield from _elements(value)
        case ast.AugAssign(target=path, value=value) if _is_path(path):
            yield from _elements(value)


def _elements(value: ast.expr) -> Iterator[ast.expr | None]:
    """The folders in a list; what is only a name puts back a path from before."""
    match value:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for each in parts:
                yield from (each,) if not isinstance(each, ast.Starred) else _elements(each.value)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _elements(left)
            yield from _elements(right)
        case ast.Call(func=ast.Name(id="list"), args=[inner]):
            yield from _elements(inner)
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call(func=ast.Attribute(attr="copy")):
            return
        case _:
            yield None


def _is_path(node: ast.expr) -> bool:
    """Whether an expression is `sys.path`."""
    match node:
        case ast.Attribute(value=ast.Name(id="sys"), attr="path"):
            return True
        case _:
            return False
