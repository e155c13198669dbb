"""The SQL of other databases in SQLite's words; what SQLite has no word for is None, which means not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from verifier.sql.model import Dialect, Kind

if TYPE_CHECKING:
    from sqlglot import exp

_LONGEST = 20_000


def query(text: str, dialect: Dialect) -> str | None:
    """A statement as SQLite would say it; None where the parser does not take it or SQLite has no such construct."""
    parsed = _parsed(text, dialect)
    if parsed is None:
        return None
    from sqlglot import ErrorLevel, errors  # noqa: PLC0415

    try:
        return str(parsed.sql(dialect="sqlite", unsupported_level=ErrorLevel.RAISE))
    except (errors.SqlglotError, ValueError, RecursionError):
        return None


def table(text: str, name: str, dialect: Dialect) -> list[tuple[Kind, str]] | None:
    """A CREATE TABLE of another database: its columns, keys and indexes, without types, defaults and checks."""
    parsed = _parsed(text, dialect)
    from sqlglot import exp  # noqa: PLC0415

    if not isinstance(parsed, exp.Create) or not isinstance(parsed.this, exp.Schema):
        return None
    columns: list[str] = []
    keys: list[str] = []
    indexes: list[list[str]] = []
    for each in parsed.this.expressions:
        inner = each.this if isinstance(each, exp.Constraint) and each.expressions == [] else each
        parts = each.expressions if isinstance(each, exp.Constraint) else [inner]
        for part in parts:
            match part:
                case exp.ColumnDef():
                    columns.append(_column(part))
                case exp.PrimaryKey():
                    keys.append(f"PRIMARY KEY ({_list(_names(part.expressions))})")
                case exp.UniqueColumnConstraint():
                    holder = part.this
                    named = holder.expressions if isinstance(holder, exp.Schema) else part.expressions
                    keys.append(f"UNIQUE ({_list(_names(named))})")
                case exp.IndexColumnConstraint():
                    indexes.append(_names(part.expressions))
                case exp.ForeignKey():
                    if dialect is Dialect.MYSQL:  # "InnoDB requires indexes on foreign keys" and makes them
                        indexes.append(_names(part.expressions))
                case exp.CheckColumnConstraint() | exp.Check():
                    pass
                case _:
                    return None
    if not columns or any(not all(names) or not names for names in indexes):
        return None
    made = [(Kind.TABLE, f"CREATE TABLE {_quoted(name)} ({', '.join([*columns, *keys])})")]
    for number, names in enumerate(indexes):
        made.append((Kind.INDEX, f"CREATE INDEX {_quoted(f'{name}_{number}')} ON {_quoted(name)} ({_list(names)})"))
    return made


def _column(node: exp.ColumnDef) -> str:
    from sqlglot import exp  # noqa: PLC0415

    kinds = {type(each.kind) for each in node.constraints}
    key = " PRIMARY KEY" if exp.PrimaryKeyColumnConstraint in kinds else ""
    unique = " UNIQUE" if exp.UniqueColumnConstraint in kinds else ""
    kind = node.kind.this.name if node.kind is not None and isinstance(node.kind.this, exp.DataType.Type) else ""
    return f"{_quoted(node.name)} {kind}{key}{unique}"


def _parsed(text: str, dialect: Dialect) -> Any:
    """The tree that sqlglot makes of one statement; None where it cannot, or can only skip over what it read."""
    if len(text) > _LONGEST:
        return None
    import logging  # noqa: PLC0415

    import sqlglot  # noqa: PLC0415  # only a file with another database's SQL needs it
    from sqlglot import errors, exp  # noqa: PLC0415

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        found = sqlglot.parse(text, dialect=dialect.value or None)
    except (errors.SqlglotError, ValueError, RecursionError, IndexError, AttributeError, TypeError):
        return None
    return found[0] if len(found) == 1 and not isinstance(found[0], exp.Command) else None


def _names(nodes: list[Any]) -> list[str]:
    """The columns of a key; an empty name where one is an expression."""
    from sqlglot import exp  # noqa: PLC0415

    found = []
    for each in nodes:
        inner = each.this if isinstance(each, exp.Ordered) else each
        found.append(inner.name if isinstance(inner, exp.Identifier | exp.Column | exp.ColumnPrefix) else "")
    return found


def _list(names: list[str]) -> str:
    return ", ".join(_quoted(each) for each in names)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
