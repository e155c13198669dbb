"""Rewrites by template of every use of a name that a `from` import brings, the import with them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import libcst as cst

from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed
from verifier.checks.rewrites import templates
from verifier.checks.rewrites.common import Unfixable, places, put, range_of
from verifier.checks.rewrites.imports import must_be_unspoken, reads, removed
from verifier.checks.rewrites.names import bindings_of
from verifier.editing import clash
from verifier.model import Edit
from verifier.semantics.model import ImportSite


def rewrite(parsed: Parsed, use: Matched, site: ImportSite, text: str) -> tuple[str, list[Edit]]:
    """The title and edits of all uses of an imported name; raises Unfixable if one of them has to stay."""
    record, node = site.record, site.node
    if record.level or site.branch is not None or use.api.path != f"{record.module}.{record.name}":
        raise Unfixable("the import may not run, or is of something else")
    if not isinstance(node, cst.ImportAlias) or not isinstance(site.statement, cst.ImportFrom):
        raise Unfixable("the name comes from nowhere that is written")
    bound = record.alias or record.name or ""
    if len(list(bindings_of(parsed, bound))) != 1 or any(each.outer.get(bound) for each in parsed.facts.scopes):
        raise Unfixable(f"{bound} is bound more than once")
    must_be_unspoken(parsed, bound)
    calls = {id(each.node.func): each.node for each in parsed.facts.calls}
    edits: dict[Edit, None] = {}
    for each in reads(parsed, bound):
        made = replace(
            use, node=each.node, call=calls.get(id(each.node)), scope=each.scope, order=each.order, site=None
        )
        edits.update(dict.fromkeys(templates.rewrite(parsed, made, text)[1]))
    if not edits:
        raise Unfixable(f"{bound} is not used")
    everything = _without_import(parsed, site.statement, node, list(edits))
    ranges = sorted(places(parsed).range(each.span) for each in everything)
    if any(clash(one, other) for one, other in pairwise(ranges)):
        raise Unfixable("one use stands in another")
    return f"Replace `{bound}` wherever it is used", everything


def _without_import(parsed: Parsed, statement: cst.ImportFrom, node: cst.ImportAlias, edits: list[Edit]) -> list[Edit]:
    """The edits without the old name in its import, whose place a new one takes if it would else be empty."""
    start, end = range_of(parsed, node)
    added = [each for each in edits if places(parsed).range(each.span) == (end, end)]
    if added and isinstance(statement.names, tuple | list) and len(statement.names) == 1:
        rest = [each for each in edits if each not in added]
        return [put(parsed, start, end, added[0].text.removeprefix(", ")), *added[1:], *rest]
    return [removed(parsed, statement, node), *edits]
