"""Imports that nothing uses any more once a fix is made, which go with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from pathlib import PurePath

import libcst as cst

from verifier import deprecations
from verifier.checks import by_use
from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, places, put, range_of
from verifier.checks.rewrites.imports import reads, removed
from verifier.checks.rewrites.insertion import at_top
from verifier.checks.rewrites.names import bindings_of, root_of
from verifier.checks.rewrites.strings import must_be_unspoken
from verifier.deprecations import Api
from verifier.model import Edit
from verifier.semantics.guards import dotted
from verifier.semantics.model import ImportSite


def with_import(parsed: Parsed, use: Matched, edits: Sequence[Edit]) -> list[Edit]:
    """The edits of a use, and those that take its import away if this is the last use and nothing else speaks of it.

    While other uses have fixes of their own, the last one waits for them: it says of each that it stays as it is,
    which clashes with the other's fix, so that the round after finds the last use alone.
    """
    root = root_of(use.node) if isinstance(use.node, cst.BaseExpression) else None
    site = _only_import(parsed, root.value) if root is not None else None
    if root is None or site is None or PurePath(parsed.source.path).name == "__init__.py":
        return list(edits)
    try:
        if not _replaces(parsed, root, edits):
            return list(edits)
        must_be_unspoken(parsed, root.value)
        others = [each.node for each in reads(parsed, root.value) if each.node is not root]
        rows = _rows(parsed)
        path = ".".join(filter(None, (site.record.module, site.record.name)))
        if not isinstance(site.node, cst.ImportAlias) or _may_be_written(rows, path):
            return list(edits)
        if not others:
            return without(parsed, site.statement, site.node, list(edits))
        start, _ = range_of(parsed, root)
        if len(_fixable(parsed, rows, root.value, path)) > len(others):
            places_of = [range_of(parsed, each) for each in others]
            if all(place < start for place, _ in places_of):
                return [*edits, *(put(parsed, *place, root.value) for place in places_of)]
    except Unfixable:
        pass
    return list(edits)


def without(
    parsed: Parsed, statement: cst.Import | cst.ImportFrom, node: cst.ImportAlias, edits: list[Edit]
) -> list[Edit]:
    """The edits without a name in its import, whose place a new one takes where it can; raises Unfixable."""
    start, end = range_of(parsed, node)
    names = statement.names if isinstance(statement.names, Sequence) else ()
    added = [each for each in edits if places(parsed).range(each.span) == (end, end)]
    if added:
        rest = [each for each in edits if places(parsed).range(each.span) != (end, end)]
        return [put(parsed, start, end, added[0].text.removeprefix(", ")), *added[1:], *rest]
    lines = [each for each in edits if each.text.lstrip().startswith(("import ", "from ")) and each.text.endswith("\n")]
    if len(names) == 1 and len(lines) == 1 and not at_top(parsed, statement):
        rest = [each for each in edits if each != lines[0]]
        return [put(parsed, *range_of(parsed, statement), lines[0].text.strip()), *rest]
    return [_closed(parsed, removed(parsed, statement, node), edits), *edits]


def _closed(parsed: Parsed, edit: Edit, others: Sequence[Edit]) -> Edit:
    """The edit that takes a line away, and the blank line behind it where another one or nothing stands before it."""
    at, text = places(parsed), parsed.text
    start, end = at.range(edit.span)
    behind = at.line_end(end)
    whole = start == at.line_start(start) and end == at.line_start(end)
    blank = behind > end and not text[end:behind].strip()
    before = text[at.line_start(max(start - 1, 0)) : start]
    if edit.text or not (whole and blank) or before.strip() or end in {at.range(each.span)[0] for each in others}:
        return edit
    return at.edit(start, behind, "")


def _replaces(parsed: Parsed, root: cst.Name, edits: Sequence[Edit]) -> bool:
    """Whether edits take a name away without writing it anew."""
    start, end = range_of(parsed, root)
    name = re.compile(rf"\b{re.escape(root.value)}\b")
    ranges = (places(parsed).range(each.span) for each in edits)
    return any(one <= start and end <= other for one, other in ranges) and not any(name.search(e.text) for e in edits)


def _only_import(parsed: Parsed, name: str) -> ImportSite | None:
    """The import that alone binds a name, whatever runs."""
    bindings = list(bindings_of(parsed, name))
    if len(bindings) != 1 or any(each.outer.get(name) for each in parsed.facts.scopes):
        return None
    for site in parsed.facts.imports:
        record = site.record
        bound = record.alias or record.name or record.module.partition(".")[0]
        if site.statement is bindings[0].node and bound == name and site.branch is None and not record.level:
            return site
    return None


def _rows(parsed: Parsed) -> Sequence[Api]:
    """The rows that have a fix, of the tables that the file's findings can come from."""
    tops = {each.record.module.partition(".")[0] for each in parsed.facts.imports if not each.record.level}
    rows = deprecations.load(frozenset(tops) | by_use.declared(parsed.project))
    return [each for each in chain.from_iterable(rows.values()) if each.rewrite]


def _may_be_written(rows: Sequence[Api], path: str) -> bool:
    """Whether the fix of another row may write something by way of an import."""
    written = re.compile(rf"(?<![\w.]){re.escape(path)}\b")
    return any(written.search(each.rewrite or "") for each in rows)


def _fixable(parsed: Parsed, rows: Sequence[Api], name: str, path: str) -> list[str]:
    """The attribute chains of an imported name that some row has a fix for."""
    fixed = {each.path for each in rows if each.parameter is None}
    chains = (dotted(each.node) or "" for each in parsed.facts.attributes)
    paths = (f"{path}.{each.removeprefix(f'{name}.')}" for each in chains if each.startswith(f"{name}."))
    return [each for each in paths if any(f"{each}.".startswith(f"{row}.") for row in fixed)]
