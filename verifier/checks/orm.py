"""Queries through SQLAlchemy and Django, judged as the SQL that they stand for, and names that no model has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import libcst as cst

from verifier.checks import orm_raw
from verifier.checks.orm_reporting import File, declared, put
from verifier.checks.orm_rows import fetched, fetched_for_less
from verifier.checks.registry import Parsed, Rules, finding
from verifier.checks.sql_rules import defeats, names, scans, sorts
from verifier.checks.sql_rules.asking import Sql, judge
from verifier.model import Finding, Span
from verifier.semantics.model import BindingKind, Facts
from verifier.sql import drivers
from verifier.sql.model import Dialect, Schema, Statement
from verifier.sql.orm.asking import asked
from verifier.sql.orm.definitions import definitions
from verifier.sql.orm.keywords import constructed
from verifier.sql.orm.migrated import migrated
from verifier.sql.orm.model import Family, Index, Model
from verifier.sql.orm.models import Models, open_models
from verifier.sql.orm.query import Invented
from verifier.sql.reading import Read
from verifier.sql.schema import Draft, declare
from verifier.sql.statements import literals
from verifier.sql.texts import open_reader

_QUIET = re.compile(r"(^|/)(tests?|testing|migrations|versions)/|(^|/)(conftest|tests|test_[^/]*|[^/]*_test)\.py$")
_DECLARES = re.compile(r"\b(create\s+(unique\s+)?(table|index)|alter\s+table)\b", re.IGNORECASE)
_NEAR = 0.8
"""How alike two names are, of which one is a slip for the other (difflib's ratio)."""


def findings(parsed: Parsed, rules: Rules, raw: Sql | None = None) -> Iterator[Finding]:
    """All that is found about models; `raw` has the file's own SQL, whose tables are judged there."""
    path = parsed.source.path.replace("\\", "/")
    models = None if _QUIET.search(path) else open_models(parsed.facts, parsed.text, parsed.source.file)
    if models is None:
        return
    queries = list(asked(parsed.facts, models))
    invented = [each for one in queries for each in one.query.invented]
    yield from _unknown(parsed, rules, models, [*invented, *constructed(parsed.facts, models)])
    dialect = drivers.dialect(drivers.imported(parsed.facts), parsed.text)
    statements = [Statement(each.query.text(), dialect, each.call) for each in queries if each.judged]
    own = orm_raw.raw(parsed, models, dialect, raw)
    statements += own.statements
    less = fetched(parsed.facts, queries, dialect)
    if not statements and not less and not own.misnamed:
        return
    packages = drivers.imported(parsed.facts)
    schema = _schema(parsed, models, dialect)
    every = (*statements, *(statement for statement, _ in less))
    sql = judge(parsed, Read(every, schema, dialect, packages, databases=1, hidden=True))
    try:
        found = list(fetched_for_less(sql, rules, less))
        judged = frozenset(map(id, statements))
        sql.asked = tuple(each for each in sql.asked if id(each.statement) in judged)
        for check in (scans.scans, sorts.sorts, defeats.defeats, names.names):
            found += check(sql, rules)
        yield from orm_raw.misnamed(parsed, rules, models, sql, own)
    finally:
        sql.close()
    said = _said(parsed, every, {each.span for each in found})
    file = File(parsed, models)
    scanned = {each.span for each in found if each.code in {"VER550", "VER551"}}
    for each in found:
        if each.code != "VER552" or each.span not in scanned:  # one index serves both
            yield put(file, each, said.get(each.span))


def _said(parsed: Parsed, statements: Sequence[Statement], wanted: set[Span]) -> dict[Span, Statement]:
    """The statement at each of these places; what lies behind the last of them is not rendered."""
    found: dict[Span, Statement] = {}
    for each in sorted(statements, key=lambda each: each.call.order):
        if len(found) == len(wanted):
            break
        span = parsed.positions.span(each.call.node)
        if span in wanted:
            found[span] = each
    return found


def _schema(parsed: Parsed, models: Models, dialect: Dialect) -> Schema:
    """The models' tables, with the indexes that the file's own SQL makes on them."""
    facts = parsed.facts
    nodes: dict[str, cst.CSTNode] = {
        name: each.node.name if isinstance(each.node, cst.ClassDef) else each.node
        for name, bindings in facts.module.bindings.items()
        for each in bindings
        if each.kind in {BindingKind.CLASS, BindingKind.ASSIGNMENT}
    }
    draft = Draft()
    if _DECLARES.search(parsed.text):
        for node, text in literals(open_reader(facts)):
            declare(draft, text, dialect, node)
    every = [_migrated(parsed, each) for each in models.all()]
    tables = [each.table.lower() for each in every]
    draft.definitions = [
        *(made for each in every for made in definitions(each, dialect, nodes)),
        *(each for each in draft.definitions if each.table in tables and each.kind != "table"),
    ]
    draft.vague |= {each.table.lower() for each in every if each.vague or tables.count(each.table.lower()) > 1}
    draft.unindexed |= {each.table.lower() for each in every if each.unindexed}
    draft.altered = draft.altered or not all(each.closed for each in every)
    return draft.done(may_have_more=True)


def _migrated(parsed: Parsed, model: Model) -> Model:
    """A model with the indexes that only migrations make."""
    file = Path(model.file) if model.file else parsed.source.file
    if model.family is not Family.ALCHEMY or file is None:
        return model
    columns = {each.column.lower() for each in model.fields.values()}
    made = [
        Index(terms)
        for table, terms in sorted(migrated(file.parent))
        if table == model.table.lower() and terms and columns.issuperset(terms)
    ]
    return replace(model, indexes=(*model.indexes, *made)) if made else model


def _unknown(parsed: Parsed, rules: Rules, models: Models, invented: list[Invented]) -> Iterator[Finding]:
    """A finding for each name that a model does not have."""
    rule = rules.get("unknown-sql-column")
    if rule is None:
        return
    changed = _changed(parsed.facts)
    said: set[int] = set()
    for each in invented:
        model = each.model
        if id(each.node) in said or model.name in changed or f"{model.name}.{each.name}" in changed:
            continue
        said.add(id(each.node))
        known = sorted({*model.fields, *(one.column for one in model.fields.values() if one.column)})
        near = get_close_matches(each.name, known, n=1, cutoff=_NEAR if not each.sure else 0.6)
        if each.name in known or (not near and not each.sure):
            continue
        yield finding(
            rule,
            parsed,
            each.node,
            symbol=f"{model.name}.{each.name}",
            related=(declared(File(parsed, models), model),),
            evidence={"columns": known},
            tables_=f"`{model.name}`",
            verb="has",
            column=each.name,
            near=f"; did you mean `{near[0]}`?" if near else "",
        )


def _changed(facts: Facts) -> frozenset[str]:
    """Classes, and names of them, that get attributes from outside: `User.x = ...`, `setattr(User, ...)`."""
    found: set[str] = set()
    for use in facts.stores:
        match use.node:
            case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)):
                found.add(f"{owner}.{name}")
            case _:
                pass
    for call in facts.calls:
        match call.node:
            case cst.Call(func=cst.Name(value="setattr"), args=[cst.Arg(value=cst.Name(value=owner)), *_]):
                found.add(owner)
            case cst.Call(func=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="add_to_class"))):
                found.add(owner)
            case _:
                pass
    return frozenset(found)
