"""A file's own SQL about the tables of its models, and names in it that only look like theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import libcst as cst

from verifier.checks.orm_reporting import File, declared
from verifier.checks.registry import Parsed, Rules, finding
from verifier.checks.sql_rules.asking import Sql, explain
from verifier.checks.sql_rules.expecting import expected
from verifier.model import Finding
from verifier.sql.model import Dialect, Plan, Statement
from verifier.sql.naming import aliases, derived
from verifier.sql.orm.model import Family, Model
from verifier.sql.orm.models import Models
from verifier.sql.statements import MENTIONS, run_by
from verifier.sql.texts import open_reader
from verifier.sql.words import words

_OPEN = re.compile(r"\.to_sql\(|\breflect\b|\bautomap|\bautoload|\binspectdb\b")
"""What the text of a file holds where tables may exist that no model declares."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NEAR = 0.85
"""How alike two names are, of which one is a slip for the other (difflib's ratio)."""


@dataclass(frozen=True, slots=True, eq=False)
class Misnamed:
    """A statement that names a table which no model has, and the model that it may mean."""

    statement: Statement
    table: str
    model: Model


@dataclass(frozen=True, slots=True)
class Raw:
    """The statements about the tables of models alone, and those that are so but for one name."""

    statements: tuple[Statement, ...] = ()
    misnamed: tuple[Misnamed, ...] = ()


def raw(parsed: Parsed, models: Models, dialect: Dialect, sql: Sql | None) -> Raw:
    """The file's SQL that models answer for; `sql` has that which the file's own tables answer for."""
    if not MENTIONS.search(parsed.text):
        return Raw()
    every = {each.table.lower() for each in models.all()}
    own = set(sql.database.columns) | sql.unknown if sql is not None else set()
    found = list(run_by(open_reader(parsed.facts), parsed.inference, dialect, ()))
    within = {id(arg.value) for each in found for arg in each.call.node.args}
    statements: list[Statement] = []
    misnamed: list[Misnamed] = []
    for each in found:
        split = words(each.text)
        tables = set(aliases(split).values()) - (derived(split) - every)
        if not tables or id(each.call.node) in within:
            continue
        if tables <= every - own:
            statements.append(each)
        elif len(other := tables - every) == 1 and not other & own and not each.dynamic:
            misnamed += _misnamed(parsed, models, each, other.pop())
    return Raw(tuple(statements), tuple(misnamed))


def misnamed(parsed: Parsed, rules: Rules, models: Models, sql: Sql, found: Raw) -> Iterator[Finding]:
    """A finding for each such name where SQLite takes the statement with the model's table in its place."""
    rule = rules.get("unknown-sql-table")
    for each in found.misnamed if rule is not None else ():
        table = each.model.table
        changed = _with(each.statement.text, each.table, table)
        if rule is None or table.lower() in sql.unknown or not isinstance(explain(sql, each.statement, changed), Plan):
            continue
        yield finding(
            rule,
            parsed,
            each.statement.call.node,
            related=(declared(File(parsed, models), each.model),),
            evidence={"tables": sorted(one.table for one in models.all()), "model": each.model.name},
            table=each.table,
            near=f"; the table of `{each.model.name}` is `{table}`",
        )


def _misnamed(parsed: Parsed, models: Models, statement: Statement, table: str) -> Iterator[Misnamed]:
    if _OPEN.search(parsed.text) or expected(statement.call):
        return
    name = re.escape(table)
    if re.search(rf"""["'](?:\w+\.)?{name}\.|table\w*\W+["']{name}["']""", parsed.text, re.IGNORECASE):
        return  # somebody else declares it, or refers to it: `ForeignKey("account.id")`, `Table("account", ...)`
    found = [each for each in models.all() if not each.vague and _like(each, statement, table)]
    if len(found) == 1 and models.of_table(found[0].table) is found[0]:
        yield Misnamed(statement, table, found[0])


def _like(model: Model, statement: Statement, table: str) -> bool:
    """Whether a name is what a model's table would be called by default, or a slip for what it is called."""
    name = model.name.lower()
    if model.family is Family.DJANGO:
        return table == model.default or (table.endswith(f"_{name}") and _asked_of(statement, model))
    snake = _HUMP.sub("_", model.name).lower()
    if table in {name, snake, f"{name}s", f"{snake}s"}:
        return True
    digits = [[each for each in one if each.isdecimal()] for one in (table, model.table)]
    return digits[0] == digits[1] and bool(get_close_matches(table, [model.table.lower()], cutoff=_NEAR))


def _asked_of(statement: Statement, model: Model) -> bool:
    """Whether it is the model's own manager that runs a statement: `Loan.objects.raw(...)`."""
    match statement.call.node.func:
        case cst.Attribute(
            value=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=manager)), attr=cst.Name(value="raw")
        ):
            return owner == model.name and manager in model.managers and model.named
        case _:
            return False


def _with(text: str, name: str, other: str) -> str:
    """A statement with another table in the place of one."""
    parts: list[str] = []
    end = 0
    for word in words(text):
        if word.named and word.key == name:
            parts += [text[end : word.start], other]
            end = word.end
    return "".join([*parts, text[end:]])
