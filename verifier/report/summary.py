"""The last line of a report, and the numbers in it."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.model import Report, Severity
from verifier.report.text import count, one_line


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings there are of each severity, and how many `--fix` can repair."""

    errors: int
    warnings: int
    infos: int
    fixable: int


def counts(report: Report) -> Counts:
    """Count the findings; those that were silenced do not count."""
    severities = [finding.severity for finding in report.findings]
    return Counts(
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        infos=severities.count(Severity.INFO),
        fixable=sum(finding.fix is not None and finding.fix.safe for finding in report.findings),
    )


def line(report: Report) -> str:
    """Return the last line: what was found, in how many files, and what was fixable, silenced or left unchecked."""
    found = counts(report)
    kinds = ((found.errors, "error"), (found.warnings, "warning"), (found.infos, "info"))
    words = ", ".join(count(number, noun) for number, noun in kinds if number)
    notes = (
        (found.fixable, "fixable with --fix"),
        (len(report.suppressed), "suppressed"),
        (report.not_checked, "not checked"),
    )
    more = "; ".join(f"{number} {note}" for number, note in notes if number)
    start = f"Found {words}" if words else "No findings"
    return f"{start} in {count(report.files, 'file')}" + (f" ({more})." if more else ".")


def environment(report: Report) -> str:
    """Return the line that says which Python and packages the code was checked against."""
    return f"Environment: {one_line(report.environment)}"
