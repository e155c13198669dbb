"""Tables that pandas reads from a file, and what part of them is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from verifier.costs.files import Above
from verifier.model import Severity
from verifier.semantics.model import Call, Use

TABLES = ("pandas.read_csv", "pandas.read_table", "pandas.read_excel", "pandas.read_parquet")
_ROWS = frozenset({"nrows", "chunksize", "iterator"})
_COLUMNS = frozenset({"usecols", "columns", "sheet_name"})
_HEAD = frozenset({"columns", "keys"})
Part = tuple[str, str]
"""What is read, and what is used of it."""


def of_table(
    call: Call, around: Above, reads: Mapping[tuple[int, str], list[Use]]
) -> Iterator[tuple[Part, Severity | None]]:
    """The part of a table that alone is used: its names, its first rows, or one column."""
    given = {each.keyword.value for each in call.node.args if each.keyword is not None}
    one, two = around
    match one, two:
        case cst.Attribute(value=value, attr=cst.Name(value="columns")), _ if value is call.node and not given & _ROWS:
            if _text(call):
                yield ("every row", "only the names of the columns"), None
        case cst.Attribute(attr=cst.Name(value="head")), cst.Call() if not given & _ROWS:
            yield ("every row", "the first ones"), Severity.INFO
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString()))]), _ if (
            not given & _COLUMNS
        ):
            yield ("every column", "one of them"), Severity.INFO
        case _:
            if _text(call) and not given & _ROWS and _only_names(call, reads):
                yield ("every row", "only the names of the columns"), None


def _text(call: Call) -> bool:
    """Whether a table is read from text, row by row: a Parquet file or a workbook is another matter."""
    match call.node.func:
        case cst.Attribute(attr=cst.Name(value=name)) | cst.Name(value=name):
            return name in {"read_csv", "read_table"}
        case _:
            return False


def _only_names(call: Call, reads: Mapping[tuple[int, str], list[Use]]) -> bool:
    """Whether a name gets the table, and its columns' names are all that the function reads of it."""
    match call.statement:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value) if value is call.node:
            uses = reads.get((id(call.scope.function), name), ())
            return (
                call.scope.function is not None
                and len(call.scope.bindings.get(name, ())) == 1
                and bool(uses)
                and all(
                    isinstance(use.parent, cst.Attribute) and use.parent.attr.value in _HEAD and use.scope is call.scope
                    for use in uses
                )
            )
        case _:
            return False


def asked(use: Use) -> bool:
    """Whether a read only asks if there is anything: `if not lines`, `lines[0] if lines else None`."""
    match use.parent:
        case cst.If() | cst.UnaryOperation(operator=cst.Not()) | cst.Assert():
            return True
        case cst.IfExp(test=test):
            return test is use.node
        case cst.BooleanOperation(left=left):
            return left is use.node
        case _:
            return False
