"""What every rewrite needs: the text of nodes, edits in place of them, and the reasons to leave code as it is."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from verifier.checks.registry import Parsed, symbols
from verifier.editing import Layout, layout
from verifier.model import Edit
from verifier.semantics.fields import descend
from verifier.tokens import comments

_SIMPLE = (cst.Name, cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.Imaginary, cst.Ellipsis)
_TIGHT = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.SimpleString,
    cst.ConcatenatedString,
    cst.FormattedString,
    cst.Integer,
    cst.Float,
    cst.List,
    cst.Dict,
    cst.Set,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.Ellipsis,
)
_LOOSEST = (cst.NamedExpr, cst.Yield, cst.GeneratorExp, cst.Tuple)
"""What needs parentheses of its own even as one of several arguments."""


class Unfixable(Exception):  # noqa: N818  # no error: the code is better left as it is
    """A use that cannot be rewritten without a doubt."""


def places(parsed: Parsed) -> Layout:
    """The offsets of the file's text."""
    return layout(parsed.text)


def range_of(parsed: Parsed, node: cst.CSTNode) -> tuple[int, int]:
    """The offsets of a node without the parentheses around it; raises Unfixable where they cannot be trusted."""
    try:
        start, end = places(parsed).range(parsed.positions.span(node))
    except (KeyError, ValueError) as error:
        raise Unfixable("the node has no place in the text") from error
    if "".join(parsed.text[start:end].split()) not in "".join(parsed.facts.tree.code_for_node(node).split()):
        raise Unfixable("the text is not the node's")
    return start, end


def whole_range(parsed: Parsed, node: cst.BaseExpression) -> tuple[int, int]:
    """The offsets of an expression with the parentheses around it."""
    start, end = range_of(parsed, node)
    if node.lpar:
        start, end = range_of(parsed, node.lpar[0])[0], range_of(parsed, node.rpar[-1])[1]
    return start, end


def code(parsed: Parsed, node: cst.BaseExpression) -> str:
    """The text of an expression with the parentheses around it, as it stands in the file."""
    start, end = whole_range(parsed, node)
    return parsed.text[start:end]


def put(parsed: Parsed, start: int, end: int, text: str) -> Edit:
    """The edit between two offsets; raises Unfixable where it would lose a comment or break an f-string."""
    old = parsed.text[start:end]
    kept = {match.group() for match in comments(text)}
    if any(match.group() not in kept for match in comments(old)):
        raise Unfixable("a comment would be lost")
    if any(sign in text for sign in "'\"\\\n#{}") and _in_formatted(parsed, start):
        raise Unfixable("before Python 3.12 an f-string holds no quotes of its own kind")
    return places(parsed).edit(start, end, text)


def replace_node(parsed: Parsed, node: cst.CSTNode, text: str) -> Edit:
    """The edit that puts a text in place of a node, inside the parentheses around it."""
    return put(parsed, *range_of(parsed, node), text)


def is_simple(node: cst.BaseExpression) -> bool:
    """Whether evaluating an expression a second time, or not at all, changes nothing."""
    if isinstance(node, cst.Attribute):
        return is_simple(node.value)
    if isinstance(node, cst.UnaryOperation):
        return is_simple(node.expression)
    if isinstance(node, cst.List | cst.Tuple | cst.Set):
        return all(is_simple(each.value) for each in node.elements)
    return isinstance(node, _SIMPLE)


def has_effect(node: cst.CSTNode) -> bool:
    """Whether an expression may do something besides having a value."""
    return any(isinstance(each, cst.Call | cst.Await | cst.Yield | cst.NamedExpr) for each in descend(node))


def is_tight(node: cst.BaseExpression) -> bool:
    """Whether no operator beside an expression can take a part of it."""
    return bool(node.lpar) or isinstance(node, _TIGHT)


def enclosed(text: str, node: cst.BaseExpression, *, loose: bool, dotted: bool) -> str:
    """The text of an expression as an operand, as one of several arguments if `loose`, or before a dot."""
    if is_tight(node) and not (dotted and isinstance(node, cst.Integer)):
        return text
    return text if loose and not isinstance(node, _LOOSEST) else f"({text})"


def is_dotted(text: str) -> bool:
    """Whether a text is a dotted path."""
    return all(part.isidentifier() for part in text.split("."))


def line(text: str) -> str:
    """A text on one line of at most 60 characters, for a title."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def item_removal(parsed: Parsed, items: Sequence[cst.Arg | cst.ImportAlias], index: int) -> Edit:
    """The edit that takes one of several items between commas away, its line too if nothing else stands on it.

    A comment on that line goes with the item; any other one raises Unfixable.
    """
    text, at = parsed.text, places(parsed)
    start, end = range_of(parsed, items[index])
    after = _comma_end(parsed, items[index])
    first, last = at.line_start(start), at.line_end((after or end) - 1)
    rest = text[after or end : last].strip()
    continued = text[:first].rstrip("\r\n").endswith("\\")
    if not text[first:start].strip() and (not rest or rest.startswith("#")) and not continued and last < len(text):
        return at.edit(first, last, "")
    if len(items) == 1:
        return put(parsed, start, after or end, "")
    if index + 1 < len(items):
        following, _ = range_of(parsed, items[index + 1])
        between = text[after or end : following]
        if "\n" not in between and "\r" not in between:
            return put(parsed, start, following, "")
    if index == 0:
        raise Unfixable("the first item stands between others' lines")
    before = _comma_end(parsed, items[index - 1])
    if before is None:
        raise Unfixable("there is no comma before the item")
    if after is None:
        _, before = range_of(parsed, items[index - 1])
    return put(parsed, before, after or end, "")


def _comma_end(parsed: Parsed, item: cst.Arg | cst.ImportAlias) -> int | None:
    if not isinstance(item.comma, cst.Comma):
        return None
    return range_of(parsed, item.comma)[1]


def _in_formatted(parsed: Parsed, offset: int) -> bool:
    """Whether an offset lies inside an f-string."""
    memo = symbols(parsed).world.memo
    key = ("f-strings", parsed.source.path)
    if key not in memo:
        kinds = cst.FormattedString | cst.TemplatedString
        memo[key] = tuple(range_of(parsed, each) for each in descend(parsed.facts.tree) if isinstance(each, kinds))
    known: tuple[tuple[int, int], ...] = memo[key]
    return any(start < offset < end for start, end in known)
