"""The report as JSON, version 1 of the contract that schema.json describes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from verifier.model import Finding, Fix, Related, Report, Rule, Span
from verifier.report import summary
from verifier.report.fingerprint import fingerprints
from verifier.report.plain import plain


def render(report: Report, lines: Callable[[str], Sequence[str]]) -> str:
    """Return the report; `lines` gives the lines of a reported path, for the fingerprints.

    The same report and lines give the same bytes, all of them ASCII.
    """
    rules = {rule.code: rule for rule in report.rules}
    marks = fingerprints((*report.findings, *report.suppressed), lines)
    found, silenced = marks[: len(report.findings)], marks[len(report.findings) :]
    document = {
        "version": 1,
        "tool": {"name": "verifier", "version": _version()},
        "findings": _findings(report.findings, found, rules),
        "problems": [
            {"path": each.path, "kind": each.kind, "text": each.text}
            for each in sorted(report.problems, key=lambda each: (each.path or "", each.kind, each.text))
        ],
        "suppressed": _findings(report.suppressed, silenced, rules),
        "summary": {
            "files": report.files,
            **asdict(summary.counts(report)),
            "not_checked": report.not_checked,
            "environment": report.environment,
            "seconds": round(report.seconds, 3),
        },
    }
    return json.dumps(plain(document), indent=2, allow_nan=False) + "\n"


def _version() -> str:
    try:
        return version("verify-generated")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"


def _findings(findings: Sequence[Finding], marks: Sequence[str], rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    ordered = sorted(zip(findings, marks, strict=True), key=lambda each: (each[0].sort_key, each[1]))
    return [_finding(finding, mark, rules[finding.code]) for finding, mark in ordered]


def _finding(finding: Finding, mark: str, rule: Rule) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": rule.name,
        "family": rule.family,
        "severity": finding.severity,
        "precision": rule.precision,
        "path": finding.path,
        **_place(finding.span),
        "message": finding.message,
        "symbol": finding.symbol,
        "cwe": rule.cwe,
        "engine": rule.engine,
        "evidence": finding.evidence,
        "fix": _fix(finding.fix) if finding.fix else None,
        "fingerprint": mark,
        "related": [_related(each) for each in finding.related],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_place(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _related(related: Related) -> dict[str, Any]:
    return {"path": related.path, **_place(related.span), "message": related.message, "code": related.code}


def _place(span: Span) -> dict[str, int]:
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
