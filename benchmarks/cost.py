"""CPU time of the cost and SQL checks on installed packages, against parsing and the walk of the same files.

    python benchmarks/cost.py [PACKAGE or folder ...]

Prints CPU seconds, not wall time, and the share of each cost rule.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from pathlib import Path

import libcst as cst
from semantics import PACKAGES, files

from verifier import catalogue
from verifier.checks import cost, sql
from verifier.checks.registry import Parsed
from verifier.costs.opening import open_costs
from verifier.limits import excess
from verifier.model import Finding, Project, Source
from verifier.semantics.infer import Inference
from verifier.semantics.positions import Positions
from verifier.semantics.walk import read
from verifier.stack import deep


def main() -> None:
    """Measure and print."""
    rules = {rule.name: rule for rule in catalogue.load()}
    spent: dict[str, float] = defaultdict(float)
    lines = 0
    found: dict[str, int] = defaultdict(int)
    for file, text in files(tuple(sys.argv[1:]) or PACKAGES):
        if excess(text):
            continue
        begun = time.process_time()
        try:
            tree = cst.parse_module(text)
        except cst.ParserSyntaxError:
            continue
        facts = read(tree, str(file), (3, 11))
        spent["parse and walk"] += time.process_time() - begun
        lines += text.count("\n")
        inference = Inference(facts, catalogue.table("semantics/returns")["returns"])
        source = Source(str(file), Path(file), "py")
        project = Project(root=Path(), python=(3, 11))
        parsed = Parsed(source, text.encode(), text, facts, Positions(tree, text), inference, project)
        for name, check in (("cost", cost.check), ("sql", sql.check)):
            begun = time.process_time()
            for each in check(parsed, rules):
                found[each.code if isinstance(each, Finding) else each.kind] += 1
            spent[name] += time.process_time() - begun
        costs = open_costs(facts, inference)
        for name, function in cost.RULES.items():
            begun = time.process_time()
            list(function(parsed, costs, rules[name]))
            spent[f"  {name}"] += time.process_time() - begun
    print(f"{lines:,} lines")
    base = spent["parse and walk"]
    for name, seconds in spent.items():
        print(f"{name:32} {seconds:7.2f} s  {seconds / base:6.3f} of parsing and walking")
    print(dict(found))


if __name__ == "__main__":
    deep(main, "the benchmark")  # as files are checked: without cyclic garbage collection
