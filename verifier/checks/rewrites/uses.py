"""Rewrites of every use of a name that a `from` import brings, by template or path, the import with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import libcst as cst

from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed
from verifier.checks.rewrites import names, templates
from verifier.checks.rewrites.common import Unfixable, is_dotted, places
from verifier.checks.rewrites.imports import reads
from verifier.checks.rewrites.strings import must_be_unspoken
from verifier.checks.rewrites.unused import without
from verifier.editing import clash
from verifier.model import Edit
from verifier.semantics.fields import descend
from verifier.semantics.model import ImportSite


def is_inside(parsed: Parsed, use: Matched, path: str) -> bool:
    """Whether a path leads into a class, so that no import can bring what is at its end."""
    parent = path.rpartition(".")[0]
    if use.site is None or not parent or parent == use.site.record.module:
        return False
    return names.module_of(parsed, path) not in {parent, path}


def rewrite(parsed: Parsed, use: Matched, site: ImportSite, text: str) -> tuple[str, list[Edit]]:
    """The title and edits of all uses of an imported name; raises Unfixable if one of them has to stay.

    Uses that others stand in, and then the import too, are left for the next round.
    """
    record, node = site.record, site.node
    if record.level or site.branch is not None or use.api.path != f"{record.module}.{record.name}":
        raise Unfixable("the import may not run, or is of something else")
    if not isinstance(node, cst.ImportAlias) or not isinstance(site.statement, cst.ImportFrom):
        raise Unfixable("the name comes from nowhere that is written")
    bound = record.alias or record.name or ""
    if len(list(names.bindings_of(parsed, bound))) != 1 or any(each.outer.get(bound) for each in parsed.facts.scopes):
        raise Unfixable(f"{bound} is bound more than once")
    must_be_unspoken(parsed, bound)
    made = list(_made(parsed, use, bound, text))
    if not made:
        raise Unfixable(f"{bound} is not used")
    now = [edits for edits in made if not any(_within(parsed, other[0], edits[0]) for other in made)]
    edits = list(dict.fromkeys(each for some in now for each in some))
    if len(now) == len(made):
        edits = without(parsed, site.statement, node, edits)
    ranges = sorted(places(parsed).range(each.span) for each in edits)
    if any(clash(one, other) for one, other in pairwise(ranges)):
        raise Unfixable("one use stands in another")
    return f"Replace `{bound}` wherever it is used", edits


def _made(parsed: Parsed, use: Matched, bound: str, text: str) -> Iterator[list[Edit]]:
    """The edits of each use, that of the use itself first."""
    calls = {id(each.node.func): each.node for each in parsed.facts.calls}
    above = {
        id(each.decorator.func)
        for each in descend(parsed.facts.tree)
        if isinstance(each, cst.Decorator) and isinstance(each.decorator, cst.Call)
    }
    for each in reads(parsed, bound):
        one = replace(use, node=each.node, call=calls.get(id(each.node)), scope=each.scope, order=each.order, site=None)
        if is_dotted(text):
            yield names.rewrite(parsed, one, text)[1]
        elif id(each.node) in above:
            raise Unfixable("what a decorator wants of its function may differ")
        else:
            yield templates.rewrite(parsed, one, text)[1]


def _within(parsed: Parsed, inner: Edit, outer: Edit) -> bool:
    """Whether an edit lies inside another one."""
    (start, end), (first, last) = (places(parsed).range(each.span) for each in (inner, outer))
    return inner is not outer and first <= start and end <= last
