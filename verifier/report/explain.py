"""What a rule says of itself, for `verify explain` and `verify rules`."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.model import Rule


def explain(rule: Rule) -> str:
    """Return one rule as Markdown: what it finds, why, what to write instead, how sure it is, and examples."""
    facts = [
        f"severity: {rule.severity}",
        f"precision: {rule.precision} ({rule.measured})",
        f"family: {rule.family}",
        f"found by: {rule.engine}",
        f"since: {rule.since}",
    ]
    facts += [f"{name}: {', '.join(values)}" for name, values in (("CWE", rule.cwe), ("tags", rule.tags)) if values]
    parts = [f"# {rule.code} {rule.name}", rule.summary, _list(facts)]
    parts += ["## Why", rule.why, "## Instead", rule.instead]
    for title, examples in (("## Bad", rule.bad), ("## Good", rule.good)):
        parts += [title, *map(_code, examples)] if examples else []
    if rule.references:
        parts += ["## References", _list(rule.references)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def listing(rules: Sequence[Rule]) -> str:
    """Return a line for each rule, by code: code, name, severity, precision and summary in columns."""
    rows = [(rule.code, rule.name, str(rule.severity), rule.precision, rule.summary) for rule in rules]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:<{size}}" for cell, size in zip(row, widths, strict=True)) for row in sorted(rows))
    return "".join(line.rstrip() + "\n" for line in lines)


def _list(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _code(text: str) -> str:
    """Return a block of code, fenced by more backticks than it has in a row."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}python\n{text.strip(chr(10))}\n{fence}"
