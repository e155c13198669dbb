"""What SQLAlchemy models declare: declarative classes of either style, core tables, Flask-SQLAlchemy and SQLModel.

https://docs.sqlalchemy.org/en/20/orm/declarative_config.html
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

from verifier.sql.orm.alchemy_columns import COLUMNS, RELATIONS, annotated, called, column, last
from verifier.sql.orm.alchemy_indexes import read_arguments
from verifier.sql.orm.model import Family, Field, Index, Model
from verifier.sql.orm.modules import Module, Place, bare, locate, path_of

_BASES = re.compile(
    r"^(sqlalchemy\.[\w.]*declarative_base\(\)|sqlalchemy\.[\w.]*(DeclarativeBase|DeclarativeBaseNoMeta"
    r"|AsyncAttrs|registry\(\)\.generate_base\(\))|flask_sqlalchemy\.(\w+\.)?SQLAlchemy\(\)\.Model|sqlmodel\.(\w+\.)*SQLModel)$"
)
_DATACLASS = re.compile(r"^sqlalchemy\.[\w.]*MappedAsDataclass$")
_NAMED = frozenset({"__tablename__", "__table_args__", "__mapper_args__"})
_DEEPEST = 8


@dataclass(slots=True)
class Draft:
    """One class while it is being read, what it inherits included."""

    fields: dict[str, Field] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    indexes: list[Index] = field(default_factory=list)
    sqlmodel: bool = False
    flask: bool = False
    closed: bool = True
    unindexed: bool = False
    vague: bool = False
    constructor: bool = True
    mapped: bool = False
    """Whether it has a table: a name, or a column in a class whose base is known."""
    table: str = ""


def read_alchemy(place: Place) -> Model | None:
    """The model that a class declares; None where it is none, or abstract."""
    assert isinstance(place.node, ast.ClassDef)  # noqa: S101  # the caller's choice
    draft = _class(place.module, place.node, 0)
    if draft is None or not draft.mapped or not any(each.column for each in draft.fields.values()):
        return None
    name = place.name
    return Model(
        name=name,
        table=draft.table or (re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name) if draft.flask else name).lower(),
        family=Family.ALCHEMY,
        fields=draft.fields,
        names=frozenset({*draft.names, *draft.fields, "query", "metadata", "registry"}),
        indexes=tuple(draft.indexes),
        closed=draft.closed,
        unindexed=draft.unindexed,
        vague=draft.vague,
        constructor=draft.constructor and not draft.sqlmodel,
        line=place.node.lineno,
        end=place.node.end_lineno or place.node.lineno,
        file=str(place.module.file or ""),
    )


def read_table(place: Place) -> Model | None:
    """The core table that a value is: `Table("users", metadata, Column(...))`; None where it is none."""
    node = place.node
    if called(place.module, node if isinstance(node, ast.expr) else None) != "Table" or not isinstance(node, ast.Call):
        return None
    match node.args:
        case [ast.Constant(value=str() as table), _, *rest] if rest:
            pass
        case _:
            return None
    draft = Draft(table=table)
    constraints: list[ast.expr] = []
    for each in rest:
        kind = called(place.module, each)
        if kind in COLUMNS and isinstance(each, ast.Call):
            made = column(place.module, "", each)
            draft.fields[made.column] = replace(made, name=made.column)
        else:
            constraints.append(each)
    read = read_arguments(place.module, ast.Tuple(constraints, ast.Load()), draft.fields)
    opaque = any(each.arg in {None, "autoload", "autoload_with", "autoload_replace"} for each in node.keywords)
    return Model(
        name=place.name,
        table=table,
        family=Family.ALCHEMY,
        fields=draft.fields,
        names=frozenset(draft.fields),
        indexes=tuple(read.indexes),
        closed=not opaque and "" not in draft.fields and all(isinstance(each, ast.Call) for each in rest),
        unindexed=read.unindexed or opaque,
        line=node.lineno,
        end=node.end_lineno or node.lineno,
        file=str(place.module.file or ""),
    )


def _class(module: Module, node: ast.ClassDef, depth: int) -> Draft | None:
    if depth > _DEEPEST:
        return None
    draft = Draft()
    for base in reversed(node.bases):
        _inherit(draft, module, base, depth)
    draft.table, inherited = "", draft.mapped
    draft.mapped = False
    if node.decorator_list:
        draft.closed = draft.constructor = False
    for keyword in node.keywords:
        draft.mapped = draft.mapped or (keyword.arg == "table" and draft.sqlmodel)
        draft.closed = draft.closed and keyword.arg != "metaclass"
    abstract = False
    arguments: ast.expr | None = None
    for statement in node.body:
        match bare(statement, "__"):
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=value):
                draft.table = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
                draft.mapped = True
            case ast.Assign(targets=[ast.Name(id="__abstract__")], value=ast.Constant(value=True)):
                abstract = True
            case ast.Assign(targets=[ast.Name(id="__table_args__")], value=value):
                arguments = value
            case ast.Assign(targets=[ast.Name(id="__table__")]):
                draft.vague = draft.mapped = True
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                draft.names.add(name)
                _value(draft, module, name, value)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=given):
                draft.names.add(name)
                made = _annotated(draft, module, name, annotation, given)
                if made is not None:
                    draft.fields[name] = made
            case (ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name)) as method:
                _method(draft, name, method)
            case ast.ClassDef(name=name):
                draft.names.add(name)
            case ast.Pass() | ast.Expr():
                pass
            case _:
                draft.closed = False
    if arguments is not None:
        read = read_arguments(module, arguments, draft.fields)
        draft.indexes += read.indexes
        draft.unindexed = draft.unindexed or read.unindexed
    if inherited and not abstract:
        # joined or single-table inheritance
        draft.vague = draft.mapped = True
    has_columns = any(each.column for each in draft.fields.values())
    draft.mapped = not abstract and (draft.mapped or (draft.flask and has_columns))
    return draft


def _inherit(draft: Draft, module: Module, base: ast.expr, depth: int) -> None:
    path = path_of(module, base)
    written = base.attr == "Model" and last(base.value) == "db" if isinstance(base, ast.Attribute) else False
    if _BASES.match(path) or written:
        draft.flask = draft.flask or written or path.startswith("flask_sqlalchemy")
        draft.sqlmodel = draft.sqlmodel or path.startswith("sqlmodel")
        return
    if _DATACLASS.match(path):
        draft.constructor = False
        return
    if path == "object" or (not path and last(base) == "object"):
        return
    name = path.removeprefix("<local>.")
    place: Place | None = None
    if path.startswith("<local>."):
        place = Place(module, name, module.classes[name]) if name in module.classes else None
    elif path:
        place = locate(module, path)
    above = _class(place.module, place.node, depth + 1) if place and isinstance(place.node, ast.ClassDef) else None
    if above is None:
        draft.closed = draft.constructor = False
        draft.flask = draft.flask or path.endswith(".Model")
        return
    draft.fields.update(above.fields)
    draft.names |= above.names
    draft.indexes += above.indexes
    draft.flask = draft.flask or above.flask
    draft.sqlmodel = draft.sqlmodel or above.sqlmodel
    draft.closed = draft.closed and above.closed
    draft.constructor = draft.constructor and above.constructor
    draft.unindexed = draft.unindexed or above.unindexed
    draft.mapped = draft.mapped or above.mapped


def _value(draft: Draft, module: Module, name: str, value: ast.expr) -> None:
    kind = called(module, value)
    if kind in {"deferred", "column_property"} and isinstance(value, ast.Call) and value.args:
        value = value.args[0]
        kind = called(module, value)
    if kind in COLUMNS and isinstance(value, ast.Call):
        draft.fields[name] = column(module, name, value)
    elif kind in RELATIONS and isinstance(value, ast.Call):
        draft.fields[name] = _relation(name, value)
    elif isinstance(value, ast.Call) or name in _NAMED:
        draft.fields.pop(name, None)


def _annotated(draft: Draft, module: Module, name: str, annotation: ast.expr, value: ast.expr | None) -> Field | None:
    kind = called(module, value)
    if kind in RELATIONS and isinstance(value, ast.Call):
        made = _relation(name, value)
        found = [each.id for each in ast.walk(annotation) if isinstance(each, ast.Name)]
        texts = [each.value for each in ast.walk(annotation) if isinstance(each, ast.Constant)]
        target = next((each for each in (*reversed(found), *texts) if isinstance(each, str)), "")
        return replace(made, target=made.target or target.strip("'\"[]").rpartition("[")[2])
    if draft.sqlmodel or last(getattr(annotation, "value", None)) in {"Mapped", "DynamicMapped"}:
        return annotated(module, name, annotation, value)
    if kind in COLUMNS and isinstance(value, ast.Call):
        return column(module, name, value)
    return None


def _relation(name: str, call: ast.Call) -> Field:
    """A relationship; `related` is the name that its `backref` gives the other side."""
    target = call.args[0] if call.args else None
    written = target.value if isinstance(target, ast.Constant) and isinstance(target.value, str) else last(target)
    related, many = "", False
    for keyword in call.keywords:
        if keyword.arg == "backref":
            given = (
                keyword.value.args[0] if isinstance(keyword.value, ast.Call) and keyword.value.args else keyword.value
            )
            related = given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else "?"
        many = many or keyword.arg in {"secondary", "primaryjoin"}
    return Field(name, target=written.rpartition(".")[2], related=related, many=many, line=call.lineno)


def _method(draft: Draft, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    draft.names.add(name)
    draft.constructor = draft.constructor and name != "__init__"
    draft.closed = draft.closed and name not in {"__getattr__", "__getattribute__"}
    if name == "__table_args__":
        draft.unindexed = True
    elif name == "__tablename__" or any(last(each) == "declared_attr" for each in node.decorator_list):
        draft.fields.pop(name, None)
