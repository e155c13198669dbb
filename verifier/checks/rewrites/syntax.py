"""Templates of rows as text, slots and outside paths: `numpy.asarray({0}, dtype=numpy.float64, {*})`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

from verifier.checks.rewrites.common import Unfixable, is_tight
from verifier.semantics.guards import dotted

REST = "rest of the arguments"
"""The slot `{*}`."""
_SLOT = re.compile(r"\{(\*|\w+)\}")
_ENCLOSED = re.compile(r"(?<![\w\])}])\((\{\w+\})\)")
"""A slot in parentheses, which it gets anyway where it needs them."""
_MARK = "slot_in_a_template_"
_BRACKETS = (cst.Element, cst.Index, cst.DictElement, cst.SimpleStatementLine, cst.Expr)
"""What holds an expression so that no operator beside it can take a part of it."""
_CONSTANTS = frozenset({"None", "True", "False"})


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template that is not written as it stands: a slot or an outside path, with its offsets."""

    start: int
    end: int
    text: str
    slot: bool = False
    loose: bool = False
    """Whether any expression may stand here without parentheses."""
    dotted: bool = False
    """Whether an attribute is taken from it, which a number needs parentheses for."""

    def moved(self, by: int) -> Part:
        """The same piece some characters further."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Template:
    """A template taken apart."""

    text: str
    """With its slots as names."""
    parts: tuple[Part, ...]
    """In order."""
    tight: bool
    """Whether what it makes needs no parentheses, wherever it stands."""
    function: tuple[int, int] | None = None
    """The offsets of the function where the template is a call."""
    around: tuple[int, int] | None = None
    """The offsets of `{*}` with the comma beside it."""
    leading: tuple[str, ...] = ()
    """The texts of the arguments by place before `{*}`; slots without their braces."""
    keywords: frozenset[str] = frozenset()
    """The keywords that stand before `{*}`."""
    plain: bool = False
    """Whether the arguments are `{0}`, `{1}` and so on and then perhaps `{*}`: those of the old call in their order."""

    @property
    def open_ended(self) -> bool:
        """Whether nothing follows `{*}` in its call."""
        return self.around is not None and self.text.startswith(")", self.around[1])

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the slots, in order."""
        return tuple(part.text for part in self.parts if part.slot)


@lru_cache(maxsize=512)
def read(text: str) -> Template:
    """Take a template apart; raises Unfixable for one that is no expression."""
    # two stars may stand wherever arguments of any kind may follow
    bare = _ENCLOSED.sub(r"\1", text)
    marked = _SLOT.sub(lambda match: f"**{_MARK}_" if match[1] == "*" else _MARK + match[1], bare)
    try:
        module = cst.parse_module(marked)
    except cst.ParserSyntaxError as error:
        raise Unfixable(f"{text} is no expression") from error
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    match module.body:
        case [cst.SimpleStatementLine(body=[cst.Expr(value=node)])] if "\n" not in marked:
            pass
        case _:
            raise Unfixable(f"{text} is no expression")
    found = _Reader(wrapper)
    parts = tuple(sorted(found.parts(node), key=lambda part: part.start))
    call = node if isinstance(node, cst.Call) and not node.lpar else None
    function = found.range(call.func) if call is not None else None
    leading: tuple[str, ...] = ()
    keywords: frozenset[str] = frozenset()
    around: tuple[int, int] | None = None
    holder = next((each for each in found.calls(node) if any(_is_rest(arg) for arg in each.args)), None)
    if holder is not None:
        index = next(number for number, arg in enumerate(holder.args) if _is_rest(arg))
        before = holder.args[:index]
        leading = tuple(_shown(module.code_for_node(arg.value)) for arg in before if arg.keyword is None)
        keywords = frozenset(arg.keyword.value for arg in holder.args if arg.keyword is not None)
        around = found.around(holder, index)
    elsewhere = [part for part in parts if part.slot and function and part.start < function[1] and part.text != "self"]
    plain = (
        call is not None
        and not elsewhere
        and _is_plain([_shown(module.code_for_node(arg).rstrip(", ").removeprefix("**")) for arg in call.args])
    )
    return Template(marked, parts, is_tight(node), function, around, leading, keywords, plain)


class _Reader:
    """The positions and parents of one parsed template."""

    __slots__ = ("_parents", "_ranges")

    def __init__(self, wrapper: MetadataWrapper) -> None:
        self._ranges = wrapper.resolve(PositionProvider)
        self._parents = wrapper.resolve(ParentNodeProvider)

    def range(self, node: cst.CSTNode) -> tuple[int, int]:
        """The offsets of a node in the one line."""
        found = self._ranges[node]
        assert isinstance(found, CodeRange)  # noqa: S101  # PositionProvider gives nothing else
        return found.start.column, found.end.column

    def calls(self, node: cst.CSTNode) -> Iterator[cst.Call]:
        """The calls in an expression."""
        if isinstance(node, cst.Call):
            yield node
        for child in node.children:
            yield from self.calls(child)

    def parts(self, node: cst.CSTNode) -> Iterator[Part]:
        """The slots and outside paths in an expression, keywords left out."""
        if isinstance(node, cst.Arg) and _is_rest(node):
            yield Part(*self.range(node), REST, slot=True)
            return
        if isinstance(node, cst.Name | cst.Attribute):
            path = dotted(node)
            if path is not None and not path.startswith(_MARK):
                if path not in _CONSTANTS and not self._bound_within(node):
                    yield Part(*self.range(node), path)
                return
            if isinstance(node, cst.Name):
                dots = isinstance(self._parents[node], cst.Attribute)
                yield Part(*self.range(node), _shown(node.value), slot=True, loose=self._is_loose(node), dotted=dots)
                return
            yield from self.parts(node.value)
            return
        for child in node.children:
            if isinstance(node, cst.Arg) and child is node.keyword:
                continue
            yield from self.parts(child)

    def around(self, call: cst.Call, index: int) -> tuple[int, int]:
        """The offsets of an argument with the comma before it, or behind it where it is the first."""
        start, end = self.range(call.args[index])
        if index:
            return self.range(call.args[index - 1])[1], end
        if index + 1 < len(call.args):
            return start, self.range(call.args[index + 1])[0]
        return start, end

    def _is_loose(self, node: cst.CSTNode) -> bool:
        parent = self._parents[node]
        if isinstance(parent, cst.Arg):
            return not parent.star
        return isinstance(parent, _BRACKETS)

    def _bound_within(self, node: cst.Name | cst.Attribute) -> bool:
        """Whether the path begins with a name that a lambda or comprehension of the template binds."""
        first = (dotted(node) or "").partition(".")[0]
        above: cst.CSTNode | None = node
        while above is not None:
            above = self._parents.get(above)
            if isinstance(above, cst.Lambda) and any(each.name.value == first for each in above.params.params):
                return True
            if isinstance(above, cst.BaseComp) and dotted(above.for_in.target) == first:
                return True
        return False


def _is_rest(argument: cst.Arg) -> bool:
    return isinstance(argument.value, cst.Name) and _shown(argument.value.value) == REST


def _shown(name: str) -> str:
    """A slot's name as the row gives it."""
    if not name.startswith(_MARK):
        return name
    name = name.removeprefix(_MARK)
    return REST if name == "_" else name


def _is_plain(arguments: list[str]) -> bool:
    if arguments and arguments[-1] == REST:
        arguments = arguments[:-1]
    return arguments == [str(number) for number in range(len(arguments))]
