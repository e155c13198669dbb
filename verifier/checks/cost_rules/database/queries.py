"""Database queries that are sent once per turn of a loop."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.database.asking import ASKING, batched, is_cursor, is_query, sql_text
from verifier.checks.cost_rules.database.relations import related
from verifier.checks.cost_rules.database.writes import answered, commits, inserted
from verifier.checks.cost_rules.grading import called_few, in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.database.querysets import Chains, chain, last_name, open_chains
from verifier.costs.extents import turns
from verifier.costs.loops.standing import calls_of, every_call, surely
from verifier.costs.model import Costs, Repeat, Size
from verifier.model import Finding, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call, Loop

_BUILDING = frozenset({"filter", "exclude", "filter_by", "query"})
_SENDING = frozenset(
    {"first", "last", "get", "one", "one_or_none", "scalar", "scalars", "count", "exists", "aggregate", "earliest"}
    | {"latest", "in_bulk", "iterator", "first_or_404", "get_or_404", "update", "delete"}
)
_WRITING = frozenset({"update", "delete", "get_or_create", "update_or_create", "create"})
_ADDING = ("add", "commit", "flush", "save", "create", "insert", "add_all", "merge", "bulk_create")
_FEW = re.compile(r"_?(form|formset|model|table|cls|db|database|engine|schema)s?", re.IGNORECASE)
"""What a program has a few of, by the name of the loop's variable or of what it goes through."""
_MIGRATIONS = re.compile(r"(^|/)([^/]*migrations|alembic)/")
_DEEPEST = 2


def queries(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each query that reads or writes the database anew for each element of a collection."""
    if in_tests(parsed) or _MIGRATIONS.search(parsed.source.path):
        return
    asked: frozenset[int] | None = None
    chains: Chains | None = None
    for call in parsed.facts.calls:
        func = call.node.func
        if not isinstance(func, cst.Attribute) or func.attr.value not in ASKING:
            continue
        repeat = _repeat(costs, call)
        if repeat is None:
            continue
        if is_query(parsed, call, func):
            chains = open_chains(costs) if chains is None else chains
            sent = list(chain(chains, call.node))
            if any(batched(each) for each in sent) or not _is_sent(chains, sent):
                continue
            severity = None if _every_turn(costs, call, repeat, sent) else Severity.INFO
            yield costly(
                rule, parsed, call.node, repeat, severity=severity, call=code_of(parsed, func), does="sends one query"
            )
        elif func.attr.value == "execute" and repeat.via is None and is_cursor(parsed, call, func):
            asked = answered(costs) if asked is None else asked
            if id(repeat.loop) not in asked:
                yield from inserted(parsed, costs, rule, call, repeat.loop, sql_text(parsed, call) or "")
    yield from related(parsed, costs, rule)
    yield from commits(parsed, costs, rule)


def _is_sent(chains: Chains, sent: list[cst.Call]) -> bool:
    """Whether a chain that only builds a query when it begins comes to the method that sends it, or is gone through."""
    if last_name(sent[0]) not in _BUILDING:
        return True
    names = {last_name(each) for each in sent[1:]}
    lists = "all" in names and last_name(sent[0]) != "filter"  # a Django manager's `all` only copies the query
    return lists or bool(names & _SENDING) or id(sent[-1]) in chains.consumed


def _every_turn(costs: Costs, call: Call, repeat: Repeat, sent: list[cst.Call]) -> bool:
    """Whether each turn sends a query that one query for all could answer, and the turns are many."""
    loop, site = repeat.loop, repeat.via or call
    if called_few(costs, loop):
        return False
    names = [dotted(each) or "" for each in (loop.target, loop.iterable) if each is not None]
    if any(_FEW.fullmatch(each.rpartition(".")[2]) for each in names):
        return False
    writes = any(last_name(each) in _WRITING for each in sent) or (repeat.via is not None and _writes(costs, call))
    return not writes and (site.loop is not loop or surely(site.branch, loop))


def _writes(costs: Costs, call: Call) -> bool:
    """Whether the function around a query also writes: it looks before it adds, or reads what it has added."""
    function = call.scope.function
    return any(each.scope.function is function for name in _ADDING for each in costs.calls.get(name, ()))


def _repeat(costs: Costs, call: Call, depth: int = 0) -> Repeat | None:
    """The loop over a collection each element of which makes a call ask for something else, here or in a caller."""
    loop = _collection_loop(costs, call)
    if loop is not None:
        one = _depends(call, loop) and not _of_element(call, loop)
        return Repeat(loop, turns(costs, loop)) if one else None
    function = call.scope.function
    if depth >= _DEEPEST or function is None or call.loop is not None or not every_call(call):
        return None
    for site in calls_of(costs, function):
        found = _repeat(costs, site, depth + 1)
        if found is not None:
            return Repeat(found.loop, found.extent, site)
    return None


def _collection_loop(costs: Costs, call: Call) -> Loop | None:
    """The innermost loop over a collection of unknown size; a `while` polls or pages and does not count."""
    loop = call.loop
    while loop is not None:
        if loop.kind != "while" and turns(costs, loop).size > Size.SLOW and not _range(loop):
            return loop
        loop = loop.parent
    return None


def _range(loop: Loop) -> bool:
    """`for attempt in range(retries)` repeats; it does not go through a collection."""
    match loop.iterable:
        case cst.Call(func=cst.Name(value="range")):
            return True
        case _:
            return False


def _depends(call: Call, loop: Loop) -> bool:
    """Whether anything bound in the loop is read by the query: a query that never changes is another defect."""
    chain = call.statement if isinstance(call.statement, cst.BaseSmallStatement) else call.node
    names = {node.value for node in descend(chain) if isinstance(node, cst.Name)}
    return any(
        each.loop is not None and each.loop.within(loop)
        for name in names
        for scope in (call.scope, loop.scope)
        for each in scope.bindings.get(name, ())
    )


def _of_element(call: Call, loop: Loop) -> bool:
    """Whether each turn asks a database of its own: `for db in databases: db.execute(…)`."""
    if not isinstance(call.node.func, cst.Attribute) or loop.target is None:
        return False
    root = (dotted(call.node.func.value) or "").partition(".")[0]
    return any(isinstance(each, cst.Name) and each.value == root for each in descend(loop.target))


RULES: CostRules = {"query-in-loop": queries}
