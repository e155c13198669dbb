"""One column of an SQLAlchemy model: `Column(...)`, `mapped_column(...)`, `Field(...)`, or the annotation alone.

https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html
"""

from __future__ import annotations

import ast
from dataclasses import replace

from verifier.sql.orm.model import Field
from verifier.sql.orm.modules import Module, path_of

COLUMNS = frozenset({"Column", "mapped_column"})
RELATIONS = frozenset({"relationship", "Relationship", "dynamic_loader", "relation", "backref", "WriteOnlyMapped"})
_TYPES = {
    **dict.fromkeys(("Boolean", "bool"), "BOOLEAN"),
    **dict.fromkeys(("Enum", "ENUM", "SQLEnum", "SAEnum"), "ENUM"),
    **dict.fromkeys(("Integer", "BigInteger", "SmallInteger", "int", "INTEGER", "BIGINT"), "INTEGER"),
    **dict.fromkeys(("DateTime", "datetime", "DATETIME", "TIMESTAMP"), "DATETIME"),
    **dict.fromkeys(("Date", "date", "DATE"), "DATE"),
    **dict.fromkeys(("Float", "Numeric", "float", "Decimal", "DECIMAL", "REAL"), "NUMERIC"),
    **dict.fromkeys(("JSON", "JSONB", "ARRAY", "LargeBinary", "PickleType"), "BLOB"),
}
_WRAPPERS = frozenset({"Optional", "Mapped", "Annotated", "Union", "DynamicMapped", "WriteOnlyMapped"})


def called(module: Module, node: ast.expr | None) -> str:
    """The last part of the name of the function that an expression calls."""
    if not isinstance(node, ast.Call):
        return ""
    return path_of(module, node.func).rpartition(".")[2] or last(node.func)


def last(node: ast.expr | None) -> str:
    """The last part of a dotted name as it is written."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return last(func)
        case _:
            return ""


def column(module: Module, name: str, call: ast.Call) -> Field:
    """The field that a call of `Column` or `mapped_column` makes."""
    made = Field(name, name, line=call.lineno)
    for place, each in enumerate(call.args):
        match each:
            case ast.Constant(value=str() as called_so) if place == 0:
                made = replace(made, column=called_so)
            case ast.Starred():
                made = replace(made, column="")
            case ast.Call() if called(module, each) in COLUMNS:
                pass
            case _:
                made = _part(module, made, each)
    for keyword in call.keywords:
        match keyword:
            case ast.keyword(arg="name", value=ast.Constant(value=str() as called_so)):
                made = replace(made, column=called_so)
            case ast.keyword(arg="type_", value=value):
                made = _part(module, made, value)
            case ast.keyword(arg="index"):
                made = replace(made, index=made.index or _true(keyword.value))
            case ast.keyword(arg="unique"):
                made = replace(made, unique=_true(keyword.value), index=made.index or _true(keyword.value))
            case ast.keyword(arg="primary_key"):
                made = replace(made, primary=_true(keyword.value))
            case ast.keyword(arg="foreign_key", value=ast.Constant(value=str() as target)):
                made = replace(made, table=target.rpartition(".")[0].lower())
            case ast.keyword(arg="sa_column", value=ast.Call() as inner):
                made = column(module, name, inner)
            case ast.keyword(arg=None) | ast.keyword(arg="sa_column"):
                made = replace(made, column="")
            case _:
                pass
    return made


def _part(module: Module, made: Field, node: ast.expr) -> Field:
    """A field with what one argument of its column says: the type, or a foreign key."""
    kind = called(module, node) if isinstance(node, ast.Call) else path_of(module, node).rpartition(".")[2]
    kind = kind or last(node)
    if kind == "ForeignKey" and isinstance(node, ast.Call):
        match node.args:
            case [ast.Constant(value=str() as target), *_]:
                return replace(made, table=target.rpartition(".")[0].rpartition(".")[2].lower(), type="INTEGER")
            case [ast.Attribute(value=owner), *_]:
                return replace(made, target=last(owner), type="INTEGER")
            case _:
                return replace(made, table="?")
    if kind in _TYPES:
        return replace(made, type=_TYPES[kind])
    return replace(made, type="ENUM") if _is_enum(module, node) else made


def _true(node: ast.expr) -> bool:
    """Whether a keyword is not written out as false."""
    return node.value is True if isinstance(node, ast.Constant) else True


def annotated(module: Module, name: str, annotation: ast.expr, value: ast.expr | None) -> Field | None:
    """The field of `name: Mapped[...]`; None where it is no column."""
    inner = annotation
    options: list[ast.Call] = []
    while True:
        match inner:
            case ast.Constant(value=str() as text):
                try:
                    inner = ast.parse(text, mode="eval").body
                except (SyntaxError, ValueError):
                    return None
            case ast.Subscript(value=owner, slice=content) if last(owner) in _WRAPPERS:
                parts = content.elts if isinstance(content, ast.Tuple) else [content]
                options += [each for each in parts if isinstance(each, ast.Call)]
                inner = next((each for each in parts if not _none(each)), content)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                inner = right if _none(left) else left
            case ast.Name(id=alias) if alias in module.values:
                inner = module.values[alias]
            case _:
                break
    if called(module, value) in RELATIONS or (isinstance(inner, ast.Subscript) and value is None):
        return None
    made = Field(name, name, line=annotation.lineno)
    for each in options:
        if called(module, each) in COLUMNS:
            made = replace(column(module, name, each), name=name, line=annotation.lineno)
    if isinstance(value, ast.Call):
        given = column(module, name, value)
        made = replace(
            given,
            index=given.index or made.index,
            unique=given.unique or made.unique,
            primary=given.primary or made.primary,
            table=given.table or made.table,
        )
    if made.type == "TEXT":
        made = _part(module, made, inner) if isinstance(inner, ast.Name | ast.Attribute) else made
    builtin = isinstance(inner, ast.Name) and inner.id not in module.classes and inner.id in module.imports
    if builtin and isinstance(inner, ast.Name) and inner.id[:1].islower() and not options and made.type == "TEXT":
        return replace(made, column="")  # an alias of another module, whose options nobody has read
    return made


def _none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_enum(module: Module, node: ast.expr) -> bool:
    name = last(node)
    made = module.classes.get(name)
    return made is not None and any("Enum" in last(each) for each in made.bases)
