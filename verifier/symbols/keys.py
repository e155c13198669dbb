"""The strings that an expression may be as a key: literals, and what the loops around it go through."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from verifier.symbols.strings import strings

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


def _looped(name: str, above: Above) -> ast.expr | None:
    """What the loop around goes through with this variable."""
    for each in above:
        if isinstance(each, ast.For) and isinstance(each.target, ast.Name) and each.target.id == name:
            return each.iter
    return None
