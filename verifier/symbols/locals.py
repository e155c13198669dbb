"""The expressions inside a function in terms of its module: local names replaced by what they are bound to."""

from __future__ import annotations

import ast

from verifier.symbols.bodies import Body, parameter_names, walk
from verifier.symbols.reading import Def, Reading

_DEEPEST = 6
_LONGEST = 120


class Locals:
    """The local names of one function."""

    __slots__ = ("_body", "_optional", "_reading", "parameters")

    def __init__(self, reading: Reading, node: Def, body: Body) -> None:
        self._reading = reading
        self._body = body
        self.parameters = frozenset(parameter_names(node.args))
        self._optional = frozenset(_none_by_default(node.args))

    def resolve(self, node: ast.expr, *, entered: bool = False, depth: int = 0) -> str | None:
        """The text of a name, attribute, call or item that holds in the module; None where there is none.

        Parameters stay as they are. Arguments that mean something only inside the function become `(...)`.
        With `entered`, `with x as y` is taken to give `x`.
        """
        if depth > _DEEPEST:
            return None
        match node:
            case ast.Name(id=name):
                return self._name(name, entered=entered, depth=depth)
            case ast.Attribute(value=inner, attr=attribute):
                base = self.resolve(inner, entered=entered, depth=depth)
                return None if base is None else f"{base}.{attribute}"
            case ast.Call():
                base = self.resolve(node.func, entered=entered, depth=depth)
                return None if base is None else f"{base}{self._arguments(node)}"
            case ast.Subscript(value=inner, slice=index):
                base = self.resolve(inner, entered=entered, depth=depth)
                text = self._reading.texts.text(index, _LONGEST) if self.clean(index) else None
                return None if base is None or text is None else f"{base}[{text}]"
            case ast.Constant() if depth or node.value is not None:
                text = self._reading.texts.text(node, _LONGEST)
                return f"({text})" if text and text[0].isdigit() else text
            case ast.JoinedStr():
                return '""'
            case _:
                return None

    def _name(self, name: str, *, entered: bool, depth: int) -> str | None:
        bound = self._body.bound.get(name)
        if name in self.parameters:
            return None if bound else name
        if bound is None:
            return name
        if len(bound) > 1:
            return None
        how, value = bound[0]
        if value is None or not (how == "=" or (entered and how == "with")):
            return None
        return self.resolve(value, entered=entered, depth=depth + 1)

    def otherwise(self, name: str) -> str | None:
        """What a parameter becomes when nobody gives it: its only new value, where it is None by default."""
        bound = self._body.bound.get(name, ())
        if name not in self._optional or len(bound) != 1:
            return None
        how, value = bound[0]
        return self.resolve(value) if how == "=" and value is not None else None

    def _arguments(self, node: ast.Call) -> str:
        arguments = (*node.args, *node.keywords)
        if not arguments:
            return "()"
        if len(arguments) > 8 or not all(self.clean(each) for each in arguments):
            return "(...)"
        text = self._reading.texts.text(node, _LONGEST + 80)
        function = self._reading.texts.text(node.func, _LONGEST)
        if text is None or function is None or not text.startswith(function):
            return "(...)"
        return text[len(function) :].strip()

    def clean(self, node: ast.AST) -> bool:
        """Whether an expression means the same outside the function."""
        for each in walk(node):
            if isinstance(each, ast.Name) and each.id != self._body.first:
                if each.id in self.parameters or each.id in self._body.bound:
                    return False
            elif isinstance(each, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom | ast.Lambda):
                return False
        return True

    def mine(self, text: str) -> bool:
        """Whether a text begins with the method's first parameter."""
        first = self._body.first
        return first is not None and text.startswith(first) and not text[len(first) : len(first) + 1].isidentifier()


def _none_by_default(arguments: ast.arguments) -> list[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    with_defaults = plain[len(plain) - len(arguments.defaults) :] if arguments.defaults else []
    pairs = [
        *zip(with_defaults, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return [each.arg for each, value in pairs if isinstance(value, ast.Constant) and value.value is None]
