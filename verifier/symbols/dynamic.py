"""Names that a module gets by other means than statements that bind them: `globals()`, `sys.modules`, `exec`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from verifier.symbols.bodies import children
from verifier.symbols.keys import Above, Keys
from verifier.symbols.parsing import parse
from verifier.symbols.strings import words
from verifier.symbols.texts import dotted, last_part

_SIGNS = re.compile(
    r"\b(?:globals|vars|locals|exec|global_enum)\b|sys\.modules|\bmodules(?:\[|\.pop\()|import_module\(__name__"
    r"|\b__name__,"
)
"""Words without which none of this can be in a text."""
_PLACE = re.compile(r"\bmodules(?:\[|\.pop\()")
_READING = words(
    "eval list sorted dict set frozenset len tuple id isinstance issubclass print repr str deepcopy copy "
    "__import__ type import_module get_type_hints _eval_type getattr hasattr delattr dir getmembers getdoc "
    "getfile getsource getmodule testmod main loadTestsFromModule any all filter map iter next max min bool "
    "callable reload debug info update"
)
_ASKING = re.compile(r"_?(?:is|get|has|find)_")
_DICT_READING = frozenset({"get", "keys", "items", "values", "copy", "pop", "__contains__", "__getitem__"})
_MAKING = re.compile(r"lazy|initpkg|install|wrap_?module|^_?convert_?$|inject|populate", re.IGNORECASE)
"""Functions that add names to the module whose `__name__` they are given, by what they are called."""


@dataclass(slots=True)
class Dynamic:
    """Names found, with their lines, and why there may be more."""

    names: dict[str, int] = field(default_factory=dict)
    open: str | None = None
    copied: dict[str, int] = field(default_factory=dict)
    """Modules, as the text calls them, all of whose names the module is given."""
    beginnings: list[str] = field(default_factory=list)
    """How names begin that are not written there."""


def find(tree: ast.Module, text: str, known: Mapping[str, tuple[str, ...]], understood: frozenset[int]) -> Dynamic:
    """What is done to the module's own namespace; nodes by these ids are understood elsewhere."""
    judge = _Judge(known, tree)
    if not _SIGNS.search(text):
        return judge.found
    nodes = list(_nodes(tree))
    for node, above, function in nodes:
        judge.alias(node, above, function)
    for node, above, function in nodes:
        if id(node) not in understood and not any(id(each) in understood for each in above[:2]):
            judge.node(node, above, function)
    return judge.found


def replaced(text: str, module: str) -> str | None:
    """Why what is imported under a module's name may be another object, where its text writes the name out."""
    if not _PLACE.search(text) or not any(f"{quote}{module}{quote}" in text for quote in "\"'"):
        return None
    for node, above, _ in _nodes(parse(text).tree):
        match node:
            case ast.Subscript(value=modules, slice=ast.Constant(value=name), ctx=ast.Store() | ast.Del()):
                found = name == module and last_part(modules) == "modules"
            case ast.Constant(value=name):
                found = name == module and _pops(node, above)
            case _:
                continue
        if found:
            return f"line {node.lineno} takes the module out of its place"
    return None


def _pops(node: ast.AST, above: Above) -> bool:
    """Whether this is what `sys.modules.pop` takes away."""
    match above:
        case (ast.Call(func=ast.Attribute(value=modules, attr="pop"), args=[key, *_]), *_):
            return key is node and last_part(modules) == "modules"
        case _:
            return False


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, Above, ast.AST | None]]:
    """Every node with those around it, nearest first, and the function it stands in."""
    stack: list[tuple[ast.AST, Above, ast.AST | None]] = [(each, (), None) for each in reversed(tree.body)]
    while stack:
        node, above, function = stack.pop()
        yield node, above, function
        if isinstance(node, ast.Name | ast.Constant) or _main(node):
            continue
        inside = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else function
        around = (node, *above[:9])
        stack += [(each, around, inside) for each in children(node)]


def _main(node: ast.AST) -> bool:
    """Whether this is what a script does when it is not imported."""
    match node:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]), orelse=[]):
            return True
        case _:
            return False


class _Judge:
    """Looks at each use of the module's namespace or of the module object."""

    def __init__(self, known: Mapping[str, tuple[str, ...]], tree: ast.Module) -> None:
        self._keys = Keys(known, tree)
        self.found = Dynamic()
        self._spaces: set[tuple[str, ast.AST | None]] = set()
        self._modules: set[tuple[str, ast.AST | None]] = set()

    def alias(self, node: ast.AST, above: Above, function: ast.AST | None) -> None:
        """Remember names for the namespace or the module."""
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                if self._is_space(value, (node, *above), function):
                    self._spaces.add((name, function))
                elif self._is_module(value, function):
                    self._modules.add((name, function))

    def _is_space(self, node: ast.AST, above: Above, function: ast.AST | None) -> bool:
        match node:
            case ast.Call(func=ast.Name(id="globals")):
                return True
            case ast.Call(func=ast.Name(id="vars" | "locals"), args=[]):
                return function is None and not any(isinstance(each, ast.ClassDef) for each in above)
            case ast.Call(func=ast.Name(id="vars"), args=[inner]):
                return self._is_module(inner, function)
            case ast.Attribute(value=inner, attr="__dict__"):
                return self._is_module(inner, function)
            case ast.Name(id=name, ctx=ast.Load()):
                return (name, function) in self._spaces or (name, None) in self._spaces
            case _:
                return False

    def _is_module(self, node: ast.AST, function: ast.AST | None) -> bool:
        match node:
            case ast.Subscript(value=modules, slice=ast.Name(id="__name__")):
                return last_part(modules) == "modules"
            case ast.Call(func=callee, args=[ast.Name(id="__name__")]):
                return last_part(callee) in {"import_module", "__import__"}
            case ast.Name(id=name, ctx=ast.Load()):
                return (name, function) in self._modules or (name, None) in self._modules
            case _:
                return False

    def node(self, node: ast.AST, above: Above, function: ast.AST | None) -> None:
        """Judge one node."""
        if self._is_space(node, above, function):
            self._space(node, above)
        elif self._is_module(node, function):
            self._module(node, above)
        elif isinstance(node, ast.Name) and node.id == "__name__" and _pops(node, above):
            self._open(node, "takes the module out of its place")
        elif function is None and isinstance(node, ast.Call):
            self._call(node, above)
        elif isinstance(node, ast.ClassDef) and any(last_part(each) == "global_enum" for each in node.decorator_list):
            self._add(node, self._keys.enumerated(node.name), "spreads an enumeration over the module")

    def _open(self, node: ast.AST, what: str) -> None:
        self.found.open = self.found.open or f"line {getattr(node, 'lineno', 0)} {what}"

    def _add(self, node: ast.AST, names: tuple[str, ...] | None, what: str) -> None:
        if names is None:
            self._open(node, what)
        else:
            self.found.names.update(dict.fromkeys(names, getattr(node, "lineno", 0)))

    def _call(self, node: ast.Call, above: Above) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "exec":
            if len(node.args) < 2 and not _deletes(node) and not any(isinstance(each, ast.ClassDef) for each in above):
                self._open(node, "runs text as code")
            return
        named = any(isinstance(each, ast.Name) and each.id == "__name__" for each in node.args)
        if named and _MAKING.search(last_part(node.func) or ""):
            self._open(node, f"lets {dotted(node.func)} make names")

    def _space(self, node: ast.AST, above: Above) -> None:
        """A use of the dictionary of the module's names."""
        parent = above[0] if above else None
        match parent:
            case ast.Subscript(ctx=ast.Store(), value=value, slice=key) if value is node:
                names = self._keys.keys(key, above)
                if names is None and (found := self._keys.spread(key, above)) is not None:
                    self.found.copied.update(dict.fromkeys(found[0], parent.lineno))
                    self.found.beginnings += found[1]
                else:
                    self._add(parent, names, "binds names that are not written there")
            case ast.Attribute(value=value, attr=method) if value is node and len(above) > 1:
                call = above[1]
                if method in _DICT_READING or not isinstance(call, ast.Call) or call.func is not parent:
                    return
                if method == "setdefault" and call.args:
                    self._add(parent, self._keys.keys(call.args[0], above), "binds names that are not written there")
                elif method == "update":
                    self._add(parent, self._keys.updates(call), "binds names that are not written there")
                else:
                    self._open(parent, "changes the module's names")
            case ast.Call() | ast.keyword():
                self._given(parent, above)
            case ast.Return() | ast.BinOp() | ast.BoolOp() | ast.AugAssign() | ast.List() | ast.Tuple():
                self._open(parent, "hands the module's names on")
            case ast.Assign(targets=[target]) if not isinstance(target, ast.Name):
                self._open(parent, "keeps the module's names elsewhere")

    def _given(self, parent: ast.Call | ast.keyword, above: Above) -> None:
        call = parent if isinstance(parent, ast.Call) else above[1] if len(above) > 1 else None
        if isinstance(parent, ast.keyword) and parent.arg is None:
            return  # a copy of it
        name = last_part(call.func) if isinstance(call, ast.Call) else None
        if isinstance(call, ast.Call) and name not in _READING and not _ASKING.match(name or ""):
            self._open(call, f"gives the module's names to {dotted(call.func) or 'a call'}")

    def _module(self, node: ast.AST, above: Above) -> None:
        """A use of the module as an object."""
        parent = above[0] if above else None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            self._open(node, "puts another object, or none, in the module's place")
            return
        match parent:
            case ast.Attribute(ctx=ast.Store(), attr=name):
                if name in {"__class__", "__dict__"}:
                    self._open(parent, f"replaces the module's {name}")
                else:
                    self._add(parent, (name,), "")
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, key, *_]) if owner is node:
                self._add(parent, self._keys.keys(key, above), "sets names that are not written there")
            case ast.Call(func=ast.Name(id="vars")):
                pass
            case ast.Call() | ast.keyword():
                self._given(parent, above)
            case ast.List() | ast.Tuple() | ast.BoolOp():
                self._open(parent, "hands the module on")


def _deletes(node: ast.Call) -> bool:
    """Whether the code that runs is a `del`, which adds no name."""
    match node.args:
        case [ast.BinOp(left=ast.Constant(value=str(text))) | ast.Constant(value=str(text))]:
            return text.startswith("del ")
        case [ast.JoinedStr(values=[ast.Constant(value=str(text)), *_])]:
            return text.startswith("del ")
        case _:
            return False
