"""Rows that are written one by one, and transactions that are ended after each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.database.asking import sql_text
from verifier.checks.cost_rules.reporting import costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.loops.quick import quick
from verifier.costs.loops.standing import surely
from verifier.costs.model import Costs, Repeat, text_of
from verifier.costs.repeats import around
from verifier.model import Finding, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import Branch, BranchKind, Call, Loop

INSERT = re.compile(r"\s*(insert|replace)\s.*\bvalues\s*\(", re.IGNORECASE | re.DOTALL)
_ANSWERS = re.compile(r"\breturning\b|\bselect\b", re.IGNORECASE)
_HOLE = re.compile(r"\?|%s|%\(|:\w|\$\d")
_ONE_ROW = re.compile(r"\s*(insert|replace|update|delete)\b", re.IGNORECASE)
_PORTIONS = re.compile(
    r"batch|chunk|page|portion|job|task|migration|group|consum|stream|queue|listen|messag|event", re.IGNORECASE
)
"""Loops whose turns are a transaction each on purpose."""
_KEYS = frozenset({"lastrowid", "inserted_primary_key"})
_OWNERS = re.compile(r"(^|_)(conn|connection|con|db|database|session|cnx|cur|cursor|c)\d*$", re.IGNORECASE)


def inserted(parsed: Parsed, costs: Costs, rule: Rule, call: Call, loop: Loop, text: str) -> Iterator[Finding]:
    """A finding for an INSERT of one row with placeholders whose answer and error nobody looks at."""
    if not INSERT.match(text) or _ANSWERS.search(text) or not _HOLE.search(text) or len(call.node.args) < 2:
        return
    if not isinstance(call.statement, cst.Expr) or _handled(call.branch, loop):
        return
    local = any(
        each.record.module.partition(".")[0] in {"sqlite3", "aiosqlite", "duckdb"} for each in parsed.facts.imports
    )
    severity = Severity.INFO if local or not turns(costs, loop).grows or not surely(call.branch, loop) else None
    repeat = Repeat(loop, turns(costs, loop))
    yield costly(
        rule,
        parsed,
        call.node,
        repeat,
        evidence={"statement": " ".join(text.split())[:80]},
        severity=severity,
        call=code_of(parsed, call.node.func),
        does="writes one row with a statement of its own",
    )


def _handled(branch: Branch | None, loop: Loop) -> bool:
    """Whether a `try` inside the loop takes care of each row."""
    while branch is not None and branch.node is not loop.node:
        if branch.kind in {BranchKind.TRY, BranchKind.EXCEPT}:
            return True
        branch = branch.parent
    return False


def answered(costs: Costs) -> frozenset[int]:
    """The loops, by their id, that read the key of a row that they wrote, or anything else from the database."""
    found: set[int] = set()
    for name in ("fetchone", "fetchall"):
        for call in costs.calls.get(name, ()):
            found.update(id(each) for each in around(call.loop))
    for use in costs.facts.attributes:
        if isinstance(use.node, cst.Attribute) and use.node.attr.value in _KEYS:
            found.update(id(each) for each in around(use.loop))
    return frozenset(found)


def commits(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each transaction that every turn of a loop over a collection ends.

    It is a remark where the turns do more than to write one row each.
    """
    for call in costs.calls.get("commit", ()):
        owner = dotted(call.node.func.value) if isinstance(call.node.func, cst.Attribute) else None
        loop = next((each for each in around(call.loop) if each.kind == "for" and turns(costs, each).grows), None)
        if owner is None or loop is None or not _OWNERS.search(owner.rpartition(".")[2]) or call.node.args:
            continue
        if surely(call.branch, loop) and not _handled(call.branch, loop):
            yield costly(
                rule,
                parsed,
                call.node,
                Repeat(loop, turns(costs, loop)),
                severity=None if _of_rows(parsed, costs, call, loop) else Severity.INFO,
                call=code_of(parsed, call.node),
                does="ends one transaction, and waits for the disk,",
            )


def _of_rows(parsed: Parsed, costs: Costs, commit: Call, loop: Loop) -> bool:
    """Whether each turn of a loop only writes one row by a literal statement before its commit."""
    if (
        commit.loop is not loop
        or not quick(costs, loop)
        or _PORTIONS.search(text_of(costs, loop.iterable or loop.node))
    ):
        return False
    writes = [call for call in costs.calls.get("execute", ()) if call.loop is loop and call.scope is commit.scope]
    return len(writes) == 1 and bool(_ONE_ROW.match(sql_text(parsed, writes[0]) or "")) and len(writes[0].node.args) > 1
