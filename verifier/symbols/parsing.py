"""The tree of a module's text, also where the text is newer Python than the interpreter that runs us."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from verifier.limits import excess


class Unparsable(ValueError):  # noqa: N818  # an outcome that callers expect, no mistake of theirs
    """A text that no parser of ours takes; its message says why."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, the text that it was made from, and names of type parameters by the line of their `def` or `class`."""

    tree: ast.Module
    text: str
    parameters: Mapping[int, tuple[str, ...]]


def parse(text: str) -> Parsed:
    """The tree of a text; syntax that our own parser does not know is replaced by what it does."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    # Python takes a last line that ends in a backslash and CR LF, and none that ends in a backslash and a newline.
    text += "\n" if text.endswith("\\\n") else ""
    try:
        return Parsed(_tree(text), text, {})
    except SyntaxError:
        lowered, parameters = _lower(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unparsable(str(error) or type(error).__name__) from error
    try:
        return Parsed(_tree(lowered), lowered, parameters)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unparsable(str(error) or type(error).__name__) from error


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _lower(text: str) -> tuple[str, dict[int, tuple[str, ...]]]:
    """The text without type parameters, `type` statements, f-strings and bare tuples after `except`; lines stay."""
    if reason := excess(text):
        raise Unparsable(f"line {reason.line}: {reason.text}")
    try:
        module = cst.parse_module(text.encode())
    except (cst.ParserSyntaxError, UnicodeError, ValueError, RecursionError) as error:
        raise Unparsable(str(error).partition("\n")[0]) from error
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    finder = _Newer(spans, text.encode())
    wrapper.module.visit(finder)
    data = finder.data
    for start, end, new in sorted(finder.edits, reverse=True):
        # a joined line for every line that goes, so that line numbers stay true
        data = data[:start] + new + b"\\\n" * (data.count(b"\n", start, end) - new.count(b"\n")) + data[end:]
    return data.decode() + "\n", finder.parameters


class _Newer(cst.CSTVisitor):
    """Collects what must be replaced, as byte ranges."""

    def __init__(self, spans: Mapping[cst.CSTNode, CodeSpan], data: bytes) -> None:
        self.spans = spans
        self.data = data
        self.edits: list[tuple[int, int, bytes]] = []
        self.parameters: dict[int, tuple[str, ...]] = {}

    def _range(self, node: cst.CSTNode) -> tuple[int, int]:
        span = self.spans[node]
        return span.start, span.start + span.length

    def _generic(self, node: cst.FunctionDef | cst.ClassDef | cst.TypeAlias) -> None:
        if node.type_parameters is not None:
            start, end = self._range(node.type_parameters)
            self.edits.append((start, end, b""))
            line = self.data.count(b"\n", 0, self._range(node.name)[0]) + 1
            self.parameters[line] = tuple(each.param.name.value for each in node.type_parameters.params)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802  # libcst calls it by this name
        """Note a function's type parameters."""
        self._generic(node)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802
        """Note a class's type parameters."""
        self._generic(node)

    def visit_TypeAlias(self, node: cst.TypeAlias) -> None:  # noqa: N802
        """Note the keyword and the parameters of a `type` statement."""
        self._generic(node)
        self.edits.append((self._range(node)[0], self._range(node.name)[0], b""))

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:  # noqa: N802
        """Note an f-string; what is inside goes with it."""
        return self._string(node)

    def visit_TemplatedString(self, node: cst.CSTNode) -> bool:  # noqa: N802
        """Note a t-string; what is inside goes with it."""
        return self._string(node)

    def _string(self, node: cst.CSTNode) -> bool:
        start, end = self._range(node)
        self.edits.append((start, end, b'""'))
        return False

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:  # noqa: N802
        """Note a bare tuple of exceptions."""
        if isinstance(node.type, cst.Tuple) and not node.type.lpar:
            start, end = self._range(node.type)
            self.edits += [(start, start, b" ("), (end, end, b")")]
