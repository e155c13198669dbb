"""The last line of a report, and the numbers in it."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.model import Report, Severity
from verifier.report.text import count, one_line


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings there are of each severity, how many `--fix` can repair, and how many it did."""

    errors: int
    warnings: int
    infos: int
    fixable: int
    fixed: int


def counts(report: Report) -> Counts:
    """Count the findings; those that were silenced do not count."""
    severities = [finding.severity for finding in report.findings]
    return Counts(
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        infos=severities.count(Severity.INFO),
        fixable=sum(finding.fix is not None and finding.fix.safe for finding in report.findings),
        fixed=report.fixed,
    )


def line(report: Report) -> str:
    """Return the last line: what was found, in how many files, and what was fixable, silenced or left unchecked."""
    found = counts(report)
    kinds = ((found.errors, "error"), (found.warnings, "warning"), (found.infos, "info"))
    unsafe = sum(finding.fix is not None and not finding.fix.safe for finding in report.findings)
    words = ", ".join(count(number, noun) for number, noun in kinds if number)
    notes = (
        (found.fixed, "fixed"),
        (found.fixable, "fixable with --fix"),
        (unsafe, "fixable with --unsafe-fixes"),
        (len(report.suppressed), "suppressed"),
        (report.not_checked, "not checked"),
    )
    more = "; ".join(f"{number} {note}" for number, note in notes if number)
    start = f"Found {words}" if words else "No findings"
    return f"{start} in {count(report.files, 'file')}" + (f" ({more})." if more else ".")


def of_diff(report: Report, files: int) -> str:
    """Return the last line of a run that only shows its fixes; `files` is how many they change."""
    if not files:
        return "Nothing to fix."
    return f"Would fix {count(report.fixed, 'finding')} in {count(files, 'file')}."


def environment(report: Report) -> str:
    """Return the line that says which Python and packages the code was checked against."""
    return f"Environment: {one_line(report.environment)}"
