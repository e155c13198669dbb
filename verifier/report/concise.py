"""The report as one line for each finding, which editors, grep and models can read."""

from __future__ import annotations

from verifier.model import Report
from verifier.report import summary
from verifier.report.text import label, one_line


def render(report: Report) -> str:
    """Return `path:line:column: CODE message` for each finding, and the summary."""
    ordered = sorted(report.findings, key=lambda finding: finding.sort_key)
    lines = [
        f"{label(each.path)}:{each.span.line}:{each.span.column}: {each.code} {one_line(each.message)}"
        for each in ordered
    ]
    return "\n".join([*lines, summary.line(report), ""])
