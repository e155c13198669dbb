"""What is surely a pandas frame or column, or a NumPy array, and how many rows it has as far as the file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from verifier.costs.frames.evidence import Kind, used_as
from verifier.costs.model import Costs
from verifier.semantics.model import BindingKind, Scope
from verifier.semantics.names import qualify, reaching

_DEEPEST = 8
MOST = 40
"""Assignments to one name that are looked at; of a name that has more, nothing is known."""


_CLASSES = {
    "pandas.DataFrame": Kind.FRAME,
    "pandas.core.frame.DataFrame": Kind.FRAME,
    "geopandas.GeoDataFrame": Kind.FRAME,
    "pandas.Series": Kind.SERIES,
    "pandas.core.series.Series": Kind.SERIES,
    "numpy.ndarray": Kind.ARRAY,
    "numpy.typing.NDArray": Kind.ARRAY,
    "numpy.typing.ArrayLike": Kind.ARRAY,
}
GROUPS = frozenset({"groupby", "rolling", "resample", "expanding", "ewm", "style", "str", "dt", "cat"})
"""What makes something else of a frame, with methods of the same names."""
_SAME = frozenset(
    {
        "abs",
        "add",
        "assign",
        "astype",
        "bfill",
        "clip",
        "copy",
        "cumsum",
        "diff",
        "div",
        "drop",
        "drop_duplicates",
        "dropna",
        "ffill",
        "fillna",
        "interpolate",
        "mul",
        "pct_change",
        "rank",
        "rename",
        "replace",
        "reset_index",
        "round",
        "shift",
        "sort_index",
        "sort_values",
        "sub",
        "where",
    }
)
"""Methods of a column that give a column of the same length or shorter, and of a frame that give a frame."""
_NO_COLUMNS = GROUPS | {"index", "columns", "loc", "iloc", "at", "iat", "shape", "dtypes", "plot", "axes", "attrs"}
"""Attributes of a frame that are no columns of it."""
_ELEMENTWISE = frozenset(
    {"numpy.sqrt", "numpy.log", "numpy.exp", "numpy.abs", "numpy.square", "numpy.cumsum", "numpy.diff", "numpy.sort"}
)


@dataclass(slots=True, eq=False)
class Frames:
    """One file with what is known of its frames; `open_frames` makes it."""

    costs: Costs
    used: Mapping[tuple[int, str], Kind]
    """By function and name: what the attributes that a function reads from a parameter say of it."""
    kinds: dict[int, Kind | None] = field(default_factory=dict)
    """By the id of an expression."""
    short: dict[int, bool] = field(default_factory=dict)
    """Whether it has few rows, by the id of an expression; filled by `rows.few`."""


def open_frames(costs: Costs) -> Frames | None:
    """What is known of the frames and arrays of one file; None where it imports neither pandas nor NumPy."""
    tops = {each.record.module.partition(".")[0] for each in costs.facts.imports}
    if not tops & {"pandas", "numpy", "geopandas", "torch", "tensorflow", "jax"}:
        return None
    return Frames(costs, used_as(costs, tops))


def kind(frames: Frames, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0) -> Kind | None:
    """Which of the containers an expression surely is, None where that is not sure."""
    key = id(node)
    if key not in frames.kinds:
        if depth > _DEEPEST:
            return None
        frames.kinds[key] = None  # what is made from itself (`df = df.dropna()`) is judged by what else it is made from
        frames.kinds[key] = _kind(frames, node, scope, order, depth + 1)
    return frames.kinds[key]


def _kind(frames: Frames, node: cst.BaseExpression, scope: Scope, order: int, depth: int) -> Kind | None:
    if isinstance(node, cst.Name):
        return _named(frames, node, scope, order, depth)
    types = {each for each in frames.costs.inference.types(node, scope, order) if each != "None"}
    if types:
        found = {_CLASSES.get(each) for each in types}
        return found.pop() if len(found) == 1 else None
    match node:
        case cst.Subscript(value=value):
            return _part(kind(frames, value, scope, order, depth), node)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name))):
            if name in {"to_numpy", "flatten", "ravel"} and kind(frames, value, scope, order, depth) is not None:
                return Kind.ARRAY
            if name in _SAME:
                return kind(frames, value, scope, order, depth)
            paths = qualify(frames.costs.facts, node.func, scope, order)
            if paths == ("pandas.concat",):
                return Kind.FRAME
            return Kind.ARRAY if len(paths) == 1 and paths[0] in _ELEMENTWISE else None
        case cst.Attribute(value=value, attr=cst.Name(value="values")):
            return Kind.ARRAY if kind(frames, value, scope, order, depth) is not None else None
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            whole = kind(frames, value, scope, order, depth)
            if name == "T" or whole is not Kind.FRAME:
                return whole if name == "T" else None
            return None if name in _NO_COLUMNS else Kind.SERIES
        case cst.BinaryOperation(left=left, right=right):
            sides = {kind(frames, each, scope, order, depth) for each in (left, right)} - {None}
            return sides.pop() if len(sides) == 1 else None
        case _:
            return None


def _named(frames: Frames, node: cst.Name, scope: Scope, order: int, depth: int) -> Kind | None:
    """What all that may be in a name is; what a loop makes of the thing itself adds nothing new."""
    bindings = reaching(frames.costs.facts, node.value, scope, order) or ()
    if len(bindings) > MOST:
        return None
    found: set[Kind | None] = set()
    for each in bindings:
        if each.kind in {BindingKind.AUGMENTED, BindingKind.DELETION}:
            continue
        if each.kind is BindingKind.PARAMETER:
            found.add(
                frames.used.get((id(each.scope.function), node.value))
                if each.annotation is None
                else next(
                    (
                        _CLASSES.get(one)
                        for one in frames.costs.inference.annotation(each.annotation, each.scope, each.order)
                        if one != "None"
                    ),
                    None,
                )
            )
        elif each.kind is BindingKind.ASSIGNMENT and each.value is not None:
            if isinstance(each.value, cst.Name) and each.value.value == "None":
                continue
            if id(each.value) in frames.kinds and frames.kinds[id(each.value)] is None and of_itself(each.value, node):
                continue
            found.add(kind(frames, each.value, each.scope, each.order, depth))
        else:
            found.add(None)
    return found.pop() if len(found) == 1 else None


def of_itself(value: cst.BaseExpression, name: cst.Name) -> bool:
    """Whether a value is `df.dropna()`, `df[…]` and the like for the name `df`."""
    while isinstance(value, cst.Call | cst.Attribute | cst.Subscript):
        value = value.func if isinstance(value, cst.Call) else value.value
    return isinstance(value, cst.Name) and value.value == name.value


def _part(whole: Kind | None, node: cst.Subscript) -> Kind | None:
    """What a subscript takes from a container: a column, some rows, or one element, which is none of them."""
    if whole is None or len(node.slice) != 1:
        return None
    index = node.slice[0].slice
    if isinstance(index, cst.Slice):
        return whole
    match index:
        case cst.Index(value=cst.SimpleString()) if whole is Kind.FRAME:
            return Kind.SERIES
        case cst.Index(
            value=cst.List()
            | cst.Comparison()
            | cst.BinaryOperation(operator=cst.BitAnd() | cst.BitOr())
            | cst.UnaryOperation(operator=cst.BitInvert())
        ):
            return whole
        case _:
            return None


def grouped(node: cst.BaseExpression) -> bool:
    """Whether a chain of calls goes through groups, windows or an accessor: `df.groupby("a")["b"]`."""
    while isinstance(node, cst.Call | cst.Attribute | cst.Subscript):
        if isinstance(node, cst.Attribute) and node.attr.value in GROUPS:
            return True
        node = node.func if isinstance(node, cst.Call) else node.value
    return False
