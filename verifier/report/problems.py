"""What could not be checked, for standard error."""

from __future__ import annotations

from verifier.model import Report
from verifier.report.text import label, one_line


def render_problems(report: Report) -> str:
    """Return one line for each problem, those of the whole run first; empty where there is none."""
    ordered = sorted(report.problems, key=lambda problem: (problem.path or "", problem.kind, problem.text))
    return "".join(
        f"not checked: {label(problem.path) + ': ' if problem.path else ''}{one_line(problem.text)} ({problem.kind})\n"
        for problem in ordered
    )
