"""The strings that an expression may be as a key: literals, and what the loops around it go through."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from verifier.symbols.bodies import walk
from verifier.symbols.strings import strings
from verifier.symbols.texts import dotted

Above = tuple[ast.AST, ...]
"""The nodes around another, nearest first."""


class Keys:
    """Reads keys in one module, whose literals and enumerations it knows."""

    def __init__(self, known: Mapping[str, tuple[str, ...]], tree: ast.Module) -> None:
        self.known = known
        self._classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}

    def updates(self, call: ast.Call) -> tuple[str, ...] | None:
        """The names that a call of a dictionary's `update` binds."""
        found: list[str] = []
        for each in call.args:
            match each:
                case ast.Dict():
                    names = strings(each, self.known)
                case ast.DictComp(
                    key=ast.Name(id=key), generators=[ast.comprehension(target=ast.Name(id=name), iter=items)]
                ):
                    names = strings(items, self.known) if key == name else None
                case ast.Attribute(value=ast.Name(id=name), attr="__members__"):
                    names = self.enumerated(name)
                case _:
                    names = None
            if names is None:
                return None
            found += names
        for keyword in call.keywords:
            if keyword.arg is None:
                return None
            found.append(keyword.arg)
        return tuple(found)

    def enumerated(self, name: str) -> tuple[str, ...] | None:
        """The names that the body of a class of the module assigns: the members of an enumeration."""
        node = self._classes.get(name)
        if node is None:
            return None
        found = [each for inner in node.body if isinstance(inner, ast.Assign) for each in inner.targets]
        return tuple(each.id for each in found if isinstance(each, ast.Name))

    def keys(self, key: ast.expr, above: Above) -> tuple[str, ...] | None:
        """The strings that an expression may be, of those that the loops around it go through."""
        match key:
            case ast.Constant(value=str(text)):
                return (text,)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                first, second = self.keys(left, above), self.keys(right, above)
                return None if first is None or second is None else tuple(a + b for a in first for b in second)
            case ast.Name(id=name):
                items = _looped(name, above)
                return strings(items, self.known) if items is not None else self.known.get(f"={name}")
            case ast.Attribute(value=ast.Name(id=name), attr="name"):
                return self._items(_looped(name, above), above)
            case _:
                return None

    def spread(self, key: ast.expr, above: Above) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Modules all of whose names a key may be (`dir(module)`), and beginnings of the others; None for any other."""
        match key:
            case (
                ast.JoinedStr(values=[ast.Constant(value=str(text)), *_])
                | ast.BinOp(op=ast.Add(), left=ast.Constant(value=str(text)))
            ) if text:
                return (), (text,)
            case ast.Name(id=name):
                return self._respread(name, next((each for each in above if _binds(each, name)), None), above)
            case _:
                return None

    def _respread(
        self, name: str, loop: ast.AST | None, above: Above
    ) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """What a name may be inside a loop that binds it, as `spread` tells."""
        if not isinstance(loop, ast.For):
            return None
        modules: list[str] = []
        beginnings: list[str] = []
        if isinstance(loop.target, ast.Name) and loop.target.id == name:
            match loop.iter:
                case ast.Call(func=ast.Name(id="dir"), args=[module]) if (path := dotted(module)) is not None:
                    modules.append(path)
                case _:
                    return None
        elif not any(isinstance(each, ast.Assign) and _binds(each, name) for each in loop.body):
            return None  # where only some turns bind it, it may hold what a loop around gave it
        for each in walk(loop):
            if isinstance(each, ast.AugAssign | ast.NamedExpr | ast.For) and each is not loop and _binds(each, name):
                return None
            if isinstance(each, ast.Assign) and _binds(each, name):
                found = None if isinstance(each.value, ast.Name) else self.spread(each.value, above)
                if found is None:
                    return None
                modules += found[0]
                beginnings += found[1]
        return tuple(modules), tuple(beginnings)

    def _items(self, items: ast.expr | None, above: Above) -> tuple[str, ...] | None:
        """The members of the enumerations that a loop goes through."""
        if not isinstance(items, ast.Name):
            return None
        around = _looped(items.id, above)
        if around is None:
            return self.enumerated(items.id)
        if not isinstance(around, ast.Tuple | ast.List):
            return None
        found: list[str] = []
        for each in around.elts:
            names = self.enumerated(each.id) if isinstance(each, ast.Name) else None
            if names is None:
                return None
            found += names
        return tuple(found)


def _binds(node: ast.AST, name: str) -> bool:
    """Whether a loop binds the name, itself or in its body, or a statement does."""
    match node:
        case ast.For(target=target):
            return _names(target, name) or any(
                isinstance(each, ast.Assign) and _binds(each, name) for each in walk(node)
            )
        case ast.Assign(targets=targets):
            return any(_names(each, name) for each in targets)
        case ast.AugAssign(target=target) | ast.NamedExpr(target=target):
            return _names(target, name)
        case _:
            return False


def _names(target: ast.expr, name: str) -> bool:
    """Whether an assignment to a target binds the name."""
    return any(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store) for each in walk(target)
    )


def _looped(name: str, above: Above) -> ast.expr | None:
    """What the loop around goes through with this variable."""
    for each in above:
        if isinstance(each, ast.For) and isinstance(each.target, ast.Name) and each.target.id == name:
            return each.iter
    return None
