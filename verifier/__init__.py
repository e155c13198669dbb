"""verifier: a static verification linter for Python that a language model wrote."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from verifier.model import Finding, Problem, Report

__all__ = ["Finding", "Problem", "Report", "verify_paths", "verify_source"]


def verify_source(text: str | bytes, path: str = "<string>", **options: object) -> Report:
    """Check one source text under a name, with the options of [tool.verify] as keywords; raises ConfigError."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return _run([], (path, data), options)


def verify_paths(paths: Iterable[str | PathLike[str]], **options: object) -> Report:
    """Check files and folders, with the options of [tool.verify] as keywords; raises ConfigError.

    One process does the work unless `jobs` says otherwise: others would import the calling script again.
    """
    return _run([Path(each) for each in paths], None, options)


def _run(paths: list[Path], given: tuple[str, bytes] | None, options: dict[str, object]) -> Report:
    import os  # noqa: PLC0415  # the engines load only when there is something to check

    from verifier.config import load  # noqa: PLC0415  # likewise
    from verifier.engine import run  # noqa: PLC0415  # likewise

    start = paths[0] if paths else Path()
    config = load(start, {"jobs": 1, **options}, os.environ)
    return run(paths, config, standard_input=given, environ=os.environ)
