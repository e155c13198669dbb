"""The source text of expressions, cut out of the lines they stand on."""

from __future__ import annotations

import ast
from collections.abc import Sequence


class Texts:
    """The lines of one module; gives the text of its nodes."""

    __slots__ = ("_lines",)

    def __init__(self, text: str) -> None:
        self._lines: Sequence[str] = text.split("\n")

    def text(self, node: ast.expr, limit: int) -> str | None:
        """The text of an expression on one line, or None where it is longer than `limit`."""
        first, last = node.lineno, node.end_lineno or node.lineno
        end = node.end_col_offset or 0
        if first == last:
            if end - node.col_offset > limit * 4:
                return None
            line = self._lines[first - 1]
            found = line[node.col_offset : end] if line.isascii() else line.encode()[node.col_offset : end].decode()
            return found if len(found) <= limit else None
        if last - first > limit // 8 + 2 or sum(map(len, self._lines[first - 1 : last])) > limit * 6:
            return None
        written = unparsed(node)
        return written if written is not None and len(written) <= limit else None

    def annotation(self, node: ast.expr | None) -> str | None:
        """An annotation's text, names in quotes unquoted."""
        if node is None:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return " ".join(node.value.split()) or None
        found = self.text(node, 2_000)
        if found is None or ('"' not in found and "'" not in found):
            return found
        return unparsed(_Unquote().visit(ast.parse(found, mode="eval").body))

    def call(self, node: ast.expr, limit: int) -> str | None:
        """The text of an expression; of a call that is too long, that of its function with `(...)`."""
        found = self.text(node, limit)
        if found is None and isinstance(node, ast.Call):
            function = self.text(node.func, limit)
            return None if function is None else f"{function}(...)"
        return found


def unparsed(node: ast.AST) -> str | None:
    """The text of a tree, written anew; None where it is too deep."""
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError):
        return None


class _Unquote(ast.NodeTransformer):
    """Replaces strings that stand for types by these types."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:  # ast calls it by this name
        """Leave the values of Literal, and all but the type of Annotated, as they are."""
        name = last_part(node.value)
        if name == "Literal":
            return node
        if name == "Annotated" and isinstance(node.slice, ast.Tuple) and node.slice.elts:
            node.slice.elts[0] = self.visit(node.slice.elts[0])
            return node
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A string as what it says."""
        if not isinstance(node.value, str):
            return node
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return node


def last_part(node: ast.expr) -> str | None:
    """The last name of a dotted expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def dotted(node: ast.expr) -> str | None:
    """A dotted expression as text, None for any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))
