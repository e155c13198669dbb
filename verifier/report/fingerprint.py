"""What makes a finding the same one after the lines around it have moved."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

from verifier.model import Finding


def fingerprints(findings: Sequence[Finding], lines: Callable[[str], Sequence[str]]) -> list[str]:
    """Return for each finding the SHA-256 of code, path, its line's text, and how many equal ones come before it.

    Spacing does not count, nor do line numbers. Give it the silenced findings too: silencing one must not change what
    another one is. `lines` gives the lines of a reported path as Python counts them, none where they cannot be had.
    """
    before: Counter[tuple[str, str, str]] = Counter()
    result = [""] * len(findings)
    for place, finding in sorted(enumerate(findings), key=lambda each: each[1].sort_key):
        texts = lines(finding.path)
        text = texts[finding.span.line - 1] if 0 < finding.span.line <= len(texts) else ""
        key = (finding.code, finding.path, " ".join(text.split()))
        joined = "\0".join([*key, str(before[key])])
        result[place] = hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()
        before[key] += 1
    return result
