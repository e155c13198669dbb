"""What the way in which a function uses a name says of it: a frame, or an array."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.guards import dotted


class Kind(StrEnum):
    """Containers whose elements one expression can work on at once."""

    FRAME = "pandas.DataFrame"
    SERIES = "pandas.Series"
    ARRAY = "numpy.ndarray"


_FRAME_ONLY = frozenset({"iterrows", "itertuples", "pivot_table", "set_index", "select_dtypes", "iteritems"})
"""Attributes that tell a frame from everything else in a file that imports pandas."""
_PLACES = frozenset({"loc", "iloc", "at", "iat"})
_ARRAY_ONLY = frozenset({"shape", "ndim"})
_OTHERS = frozenset({"torch", "tensorflow", "jax", "polars", "dask", "pyspark", "xarray"})
"""Packages whose objects have a `shape` too."""


def used_as(costs: Costs, imported: AbstractSet[str]) -> Mapping[tuple[int, str], Kind]:
    """By the id of a function and a name: what only a frame, or only an array, could be used for."""
    used: dict[tuple[int, str], Kind] = {}
    pandas = bool(imported & {"pandas", "geopandas"})
    arrays = "numpy" in imported and not imported & _OTHERS
    for use in costs.facts.attributes:
        match use.node:
            case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attr)):
                key = (id(use.scope.function), name)
                if pandas and (attr in _FRAME_ONLY or (attr in _PLACES and _is_taken_from(use.parent, use.node))):
                    used[key] = Kind.FRAME
                elif arrays and attr in _ARRAY_ONLY:
                    used.setdefault(key, Kind.ARRAY)
            case _:
                pass
    if pandas:
        for use in costs.facts.names:
            if isinstance(use.parent, cst.Subscript) and _is_taken_from(use.parent, use.node) and _masks(use.parent):
                used[id(use.scope.function), dotted(use.node) or ""] = Kind.FRAME
    return used


def _is_taken_from(parent: cst.CSTNode, node: cst.BaseExpression) -> bool:
    return isinstance(parent, cst.Subscript) and parent.value is node


def _masks(node: cst.Subscript) -> bool:
    """Whether a subscript is a frame's own column compared with something: `df[df["a"] == x]`."""
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=test))]:
            while isinstance(test, cst.BinaryOperation):
                test = test.left
            if isinstance(test, cst.Comparison) and (owner := column_of(test.left)) is not None:
                return dotted(owner[0]) == dotted(node.value)
    return False


def column_of(node: cst.BaseExpression) -> tuple[cst.BaseExpression, str] | None:
    """What is read, and the literal that names the column, of `df["a"]` and `df.loc[:, "a"]`."""
    match node:
        case cst.Subscript(
            value=cst.Attribute(value=value, attr=cst.Name(value="loc")),
            slice=[
                cst.SubscriptElement(slice=cst.Slice(lower=None, upper=None)),
                cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString(value=name))),
            ],
        ):
            return value, name
        case cst.Subscript(
            value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString(value=name)))]
        ):
            return value, name
        case _:
            return None
