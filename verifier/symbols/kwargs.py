"""What a function does with its `**kwargs`: hands them on, takes keys out, or uses them in another way."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from verifier.symbols.bodies import Body, children, parameter_names
from verifier.symbols.locals import Locals
from verifier.symbols.model import Forward
from verifier.symbols.reading import Def

_TAKING = frozenset({"pop", "get", "setdefault", "__getitem__", "__contains__"})
_GIVING = frozenset({"update", "clear"})
_LOOKING = frozenset({"len", "bool"})
_TESTS = (ast.If, ast.While, ast.IfExp, ast.Assert)


@dataclass(frozen=True, slots=True)
class Passed:
    """The calls that are given them, the keys that are read, and whether more may be accepted."""

    forwards: tuple[Forward, ...] = ()
    reads: tuple[str, ...] = ()
    escapes: bool = False


NOTHING = Passed()


def read(node: Def, body: Body, local: Locals) -> Passed:
    """The uses of a function's `**kwargs` in its body."""
    assert node.args.kwarg is not None  # noqa: S101  # callers ask only then
    name = node.args.kwarg.arg
    use = _Use(body, local)
    if name in body.bound:
        use.escapes = True
    for each in node.body:
        use.walk(each, name)
    if any(_everything(call) for call in body.calls):
        use.escapes = True
    return Passed(tuple(dict.fromkeys(use.forwards)), tuple(dict.fromkeys(use.reads)), use.escapes)


def _everything(call: ast.Call) -> bool:
    """`locals()` and `vars()` hold the dictionary too."""
    return isinstance(call.func, ast.Name) and call.func.id in {"locals", "vars"} and not call.args


class _Use:
    """Collects the uses of one name."""

    def __init__(self, body: Body, local: Locals) -> None:
        self.body = body
        self.local = local
        self.forwards: list[Forward] = []
        self.reads: list[str] = []
        self.escapes = False

    def walk(self, root: ast.AST, name: str) -> None:
        """Judge each use of the name under a statement by the nodes around it."""
        stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(root, ())]
        while stack:
            node, above = stack.pop()
            if isinstance(node, ast.Name):
                if node.id == name:
                    self._judge(node, above)
                continue
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and name in parameter_names(
                node.args
            ):
                continue
            around = (node, *above[:7])
            stack += [(each, around) for each in children(node)]

    def _judge(self, node: ast.Name, above: tuple[ast.AST, ...]) -> None:
        parent = above[0] if above else None
        if isinstance(node.ctx, ast.Del):
            return
        if isinstance(node.ctx, ast.Store):
            self.escapes |= not isinstance(parent, ast.AugAssign)
            return
        match parent:
            case ast.keyword(arg=None):
                self._hand_on(above[1] if len(above) > 1 else None)
            case ast.Attribute(attr=method) if len(above) > 1 and _calls(above[1], parent):
                self._method(method, above)
            case ast.Subscript(value=value, slice=key) if value is node:
                self._key(key)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], left=left) if left is not node:
                self._key(left)
            case _:
                self.escapes |= not _harmless(node, above)

    def _hand_on(self, call: ast.AST | None) -> None:
        if not isinstance(call, ast.Call):
            self.escapes = True
            return
        callee = self.local.resolve(call.func, entered=True)
        unless = ""
        if callee is None and isinstance(call.func, ast.Name) and call.func.id in self.local.parameters:
            callee, unless = self.local.otherwise(call.func.id), call.func.id
        if callee is None or callee == "dict":
            self.escapes = True
            return
        keywords = tuple(each.arg for each in call.keywords if each.arg is not None)
        self.forwards.append(Forward(callee, keywords, unless))

    def _method(self, method: str, above: tuple[ast.AST, ...]) -> None:
        call = above[1]
        assert isinstance(call, ast.Call)  # noqa: S101  # the caller looked
        if method in _TAKING and call.args:
            self._key(call.args[0])
        elif method not in _GIVING:
            self.escapes |= not _said(above)

    def _key(self, key: ast.expr) -> None:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            self.reads.append(key.value)
        elif isinstance(key, ast.Name) and self.body.loops.get(key.id) and len(self.body.bound.get(key.id, ())) == 1:
            self.reads += self.body.loops[key.id]
        else:
            self.escapes = True


def _calls(node: ast.AST, function: ast.AST) -> bool:
    return isinstance(node, ast.Call) and node.func is function


def _harmless(node: ast.AST, above: tuple[ast.AST, ...]) -> bool:
    """Whether a use only tests for emptiness or writes the keys into a message."""
    if _said(above):
        return True
    inner = node
    for each in above:
        match each:
            case ast.UnaryOp(op=ast.Not()) | ast.BoolOp():
                inner = each
            case ast.Call(func=ast.Name(id=name), args=[_], keywords=[]) if name in _LOOKING:
                return True
            case _:
                return isinstance(each, _TESTS) and each.test is inner
    return False


def _said(above: tuple[ast.AST, ...]) -> bool:
    """Whether the use is part of an exception or of a formatted string."""
    return any(isinstance(each, ast.Raise | ast.FormattedValue) for each in above)
