"""The report for a person at a terminal: each finding with its code, why it matters and what to write instead."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.style import Style
from rich.text import Text

from verifier.model import Finding, Report, Rule, Severity
from verifier.report import summary
from verifier.report.frame import frame
from verifier.report.plain import plain
from verifier.report.problems import render_problems
from verifier.report.text import first_sentences, label, one_line

__all__ = ["render", "render_problems"]

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_INDENT = 2


def render(report: Report, lines: Callable[[str], Sequence[str]], *, terminal: bool = False, width: int = 100) -> str:
    """Return the report, at most `width` columns wide; `lines` gives the lines of a reported path, none if unreadable.

    Colours and links are in it when it goes to a `terminal`, or FORCE_COLOR is set; NO_COLOR leaves links and bold.
    What a rule says of itself stands at its first finding only.
    """
    sink = io.StringIO()
    console = Console(
        file=sink, width=width, force_terminal=terminal or None, legacy_windows=False, highlight=False, soft_wrap=True
    )
    rules = {rule.code: rule for rule in report.rules}
    explained: set[str] = set()
    for finding in sorted(report.findings, key=lambda each: each.sort_key):
        _wrapped(console, _title(finding, rules[finding.code]), 0, width)
        console.print(_place(finding))  # never wrapped: terminals and editors open it
        _framed(console, finding, lines(finding.path), width)
        for name, text in _remarks(finding, rules[finding.code], explain=finding.code not in explained):
            remark = Text.assemble((f"{name}: ", "bold"), text)
            if name == "evidence":  # of any length; the JSON report has all of it
                remark.truncate(max(width - 2 * _INDENT, 20), overflow="ellipsis")
            _wrapped(console, remark, _INDENT, width)
        explained.add(finding.code)
        console.print()
    if report.environment:
        console.print(Text(summary.environment(report), "dim"))
    console.print(Text(summary.line(report), "bold"))
    return sink.getvalue()


def _title(finding: Finding, rule: Rule) -> Text:
    colour = Style.parse(_COLOURS[finding.severity])
    link = Style(link=rule.references[0]) if rule.references else Style()
    code = (finding.code, colour + link)
    return Text.assemble(
        (finding.severity, colour), "[", code, "] ", (rule.name, "bold"), f": {one_line(finding.message)}"
    )


def _place(finding: Finding) -> Text:
    span = finding.span
    further = f" to {span.end_line}:{span.end_column}" if span.end_line > span.line else ""
    return Text(f"{' ' * _INDENT}{label(finding.path)}:{span.line}:{span.column}{further}", "cyan")


def _framed(console: Console, finding: Finding, lines: Sequence[str], width: int) -> None:
    gutter = len(str(finding.span.line + 1))
    colour = _COLOURS[finding.severity]
    for row in frame(lines, finding.span, width - gutter - _INDENT - 3):
        number = "" if row.number is None else str(row.number)
        text = Text.assemble((f"{' ' * _INDENT}{number:>{gutter}} |", "blue"))
        if row.text:
            text.append(f" {row.text}", colour if row.number is None else "")
        console.print(text)


def _remarks(finding: Finding, rule: Rule, *, explain: bool) -> list[tuple[str, str]]:
    """Return what stands below the code: name and text of each remark."""
    remarks = [("why", first_sentences(rule.why)), ("instead", first_sentences(rule.instead))] if explain else []
    for each in finding.related:
        code = f" ({each.code})" if each.code else ""
        place = f"{label(each.path)}:{each.span.line}:{each.span.column}"
        remarks.append(("see", f"{place}: {one_line(each.message)}{code}"))
    if finding.evidence:
        facts = (f"{key}: {_words(value)}" for key, value in finding.evidence.items())
        remarks.append(("evidence", one_line("; ".join(facts))))
    if finding.fix:
        option = "--fix" if finding.fix.safe else "--unsafe-fixes"
        remarks.append(("fix", f"{one_line(finding.fix.title)} ({option})"))
    return remarks


def _words(value: object) -> str:
    simple = plain(value)
    return ", ".join(map(str, simple)) if isinstance(simple, list) else str(simple)


def _wrapped(console: Console, text: Text, indent: int, width: int) -> None:
    """Print a text in lines of at most `width` columns, those after the first two columns further in."""
    hanging = indent + _INDENT
    for place, line in enumerate(text.wrap(console, max(width - hanging, 20))):
        line.rstrip()
        console.print(Text(" " * (hanging if place else indent)).append_text(line))
