"""`__all__`: what the statements of a module put into it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.symbols.conditions import State
from verifier.symbols.strings import strings

_NAME = "__all__"


@dataclass(slots=True)
class Exports:
    """The names so far; `found` once there is an assignment, `readable` while every step was literal."""

    found: bool = False
    readable: bool = True
    names: dict[str, None] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...] | None:
        """The names, where they can be told."""
        return tuple(self.names) if self.found and self.readable else None

    def assign(self, value: ast.expr | None, known: Mapping[str, tuple[str, ...]], state: State) -> None:
        """A statement that binds the name."""
        if value is None:
            return
        found = strings(value, {**known, _NAME: tuple(self.names)})
        if not (state.conditional or state.typing_only or _mentions(value)):
            self.names.clear()
            self.readable = True
        self.found = True
        self._add(found)

    def _add(self, names: tuple[str, ...] | None) -> None:
        if names is None:
            self.readable = False
        else:
            self.names.update(dict.fromkeys(names))

    def statement(self, node: ast.stmt, known: Mapping[str, tuple[str, ...]], state: State) -> None:
        """A statement that may change the list in place."""
        match node:
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                self._add(strings(value, {**known, _NAME: tuple(self.names)}))
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id="__all__"), attr=method), args=[*arguments], keywords=[]
                )
            ):
                self._method(method, arguments, known, state)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="__all__"))]):
                self.readable = False

    def _method(
        self, method: str, arguments: list[ast.expr], known: Mapping[str, tuple[str, ...]], state: State
    ) -> None:
        match method, arguments:
            case (("extend" | "update"), [argument]):
                self._add(strings(argument, known))
            case (("append" | "add"), [argument]):
                self._add(strings(ast.List(elts=[argument]), known))
            case ("insert", [_, argument]):
                self._add(strings(ast.List(elts=[argument]), known))
            case (("remove" | "discard"), [argument]):
                gone = strings(ast.List(elts=[argument]), known)
                if gone is None:
                    self.readable = False
                elif not state.conditional:
                    self.names.pop(gone[0], None)
            case (("sort" | "reverse"), _):
                pass
            case _:
                self.readable = False


def _mentions(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Name) and each.id == _NAME for each in ast.walk(node))
