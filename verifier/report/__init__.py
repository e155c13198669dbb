"""How a report is written: one pure function per format."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from verifier.model import Report
from verifier.report.problems import render_problems

__all__ = ["render", "render_problems"]


def render(
    report: Report, form: str, lines: Callable[[str], Sequence[str]], *, terminal: bool = False, width: int = 100
) -> str:
    """The report in a format; `lines` gives the lines of a reported path, none where it cannot be read."""
    if form == "json":
        from verifier.report import json  # noqa: PLC0415  # each format loads only what it needs

        return json.render(report, lines)
    if form == "concise":
        from verifier.report import concise  # noqa: PLC0415  # likewise

        return concise.render(report)
    from verifier.report import full  # noqa: PLC0415  # likewise

    return full.render(report, lines, terminal=terminal, width=width)
