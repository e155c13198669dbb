"""How a finding is made of what a package says of its own deprecations."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import libcst as cst

from verifier.checks.registry import Parsed, Rules, finding
from verifier.checks.wording import shortened
from verifier.model import Finding, Severity
from verifier.symbols.ageing.texts import replacement, since
from verifier.symbols.modules import Loaded

_REMOVAL = re.compile(
    r"\bremov|\bno longer\b|\bwill (?:raise|become|fail|stop|trigger|be dropped)\b|\bwill be an error\b"
    r"|\berror in (?:a )?future|\bsupport .* has ended\b",
    re.IGNORECASE,
)
"""What announces that the code will fail one day."""
_BEGINNING = re.compile(r"^since [\w.]+(?:; |$)")


@dataclass(frozen=True, slots=True)
class Told:
    """What a package says: of what (as code and as a path), in which words, and in its documentation only."""

    api: str
    symbol: str
    message: str
    documented: bool = False


def make(parsed: Parsed, rules: Rules, node: cst.CSTNode, told: Told, loaded: Loaded) -> Finding:
    """The finding that a place uses what its package says is deprecated."""
    top = loaded.module.partition(".")[0]
    owner = "Python" if loaded.distribution == "python" else loaded.distribution or top
    began = since(told.message)
    words = _BEGINNING.sub("", told.message) if began else told.message
    made = finding(
        rules["deprecated-api"],
        parsed,
        node,
        symbol=told.symbol,
        evidence={
            "says": told.message,
            "since": began,
            "replacement": replacement(told.message),
            "defined": loaded.module,
            "version": loaded.version,
        },
        api=told.api,
        since=f" since {owner} {began}" if began else f" in {owner} {loaded.version or ''}".rstrip(),
        have=f", you have {loaded.version}" if began and loaded.version else "",
        use=f": {shortened(words)}" if words else "",
    )
    # Measured on answers that passed their tests: what only advises something newer goes on working for years.
    warns = _REMOVAL.search(told.message) is not None and not told.documented
    return made if warns else replace(made, severity=Severity.INFO)
