"""Models as CREATE TABLE and CREATE INDEX in SQLite's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from verifier.sql.model import Definition, Dialect, Kind
from verifier.sql.orm.model import Model

_WORDS = frozenset(
    {
        *("abort", "action", "add", "after", "all", "alter", "always", "analyze", "and", "as", "asc"),
        *("attach", "autoincrement", "before", "begin", "between", "by", "cascade", "case", "cast", "check"),
        *("collate", "column", "commit", "conflict", "constraint", "create", "cross", "current", "database"),
        *("default", "deferrable", "deferred", "delete", "desc", "detach", "distinct", "do", "drop", "each"),
        *("else", "end", "escape", "except", "exclude", "exclusive", "exists", "explain", "fail", "filter"),
        *("first", "following", "for", "foreign", "from", "full", "generated", "glob", "group", "groups"),
        *("having", "if", "ignore", "immediate", "in", "index", "indexed", "initially", "inner", "insert"),
        *("instead", "intersect", "into", "is", "isnull", "join", "key", "last", "left", "like", "limit"),
        *("match", "materialized", "natural", "no", "not", "nothing", "notnull", "null", "nulls", "of"),
        *("offset", "on", "or", "order", "others", "outer", "over", "partition", "plan", "pragma"),
        *("preceding", "primary", "query", "raise", "range", "recursive", "references", "regexp", "reindex"),
        *("release", "rename", "replace", "restrict", "returning", "right", "rollback", "row", "rows"),
        *("savepoint", "select", "set", "table", "temp", "temporary", "then", "ties", "to", "transaction"),
        *("trigger", "unbounded", "union", "unique", "update", "using", "vacuum", "values", "view"),
        *("virtual", "when", "where", "window", "with", "without"),
    }
)
"""https://www.sqlite.org/lang_keywords.html"""


def quoted(name: str) -> str:
    """A name as SQL takes it, in quotes only where it needs them."""
    if name.isascii() and name.isidentifier() and name.lower() not in _WORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def definitions(model: Model, dialect: Dialect, nodes: Mapping[str, cst.CSTNode]) -> Iterator[Definition]:
    """What one model declares; `nodes` has what stands for each class and table of the checked file."""
    node = nodes.get(model.name) if not model.file else None
    below = max(0, model.line - 1) if model.file else 0
    table = quoted(model.table)
    fields = [each for each in model.fields.values() if each.column]
    keys = [each for each in fields if each.primary]
    columns = [
        f"{quoted(each.column)} {each.type}{' PRIMARY KEY' if keys == [each] else ''}"
        for each in {each.column.lower(): each for each in fields}.values()
    ]
    if len(keys) > 1:
        columns.append(f"PRIMARY KEY ({', '.join(quoted(each.column) for each in keys)})")
    made = [(Kind.TABLE, f"CREATE TABLE {table} ({', '.join(columns)})")] if columns else []
    for each in fields:
        # InnoDB makes an index for each foreign key: dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
        by_key = dialect is Dialect.MYSQL and each.table
        if (each.index or by_key) and keys != [each]:
            made.append((Kind.INDEX, _index(model, each.unique, (each.column,), each.name)))
    for number, index in enumerate(model.indexes):
        made.append((Kind.INDEX, _index(model, index.unique, index.terms, str(number))))
    for kind, sql in made:
        yield Definition(kind, model.table.lower(), sql, node, below, model.file)


def _index(model: Model, unique: bool, terms: tuple[str, ...], label: str) -> str:
    name = quoted(f"ix_{model.table}_{label}")
    listed = ", ".join(each if "(" in each else quoted(each) for each in terms)
    return f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {quoted(model.table)} ({listed})"
