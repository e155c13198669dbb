"""The corpus of deprecated calls, judged by the version alone: nothing can be read of the packages."""

from __future__ import annotations

from pathlib import Path

import deprecation_corpus as corpus
import pytest
import worlds

from verifier.config import Config
from verifier.engine import run

ENOUGH_CASES = 300
ENOUGH_DISTRIBUTIONS = 40


@pytest.mark.parametrize("distribution", corpus.distributions())
def test_verdicts(distribution: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for version in corpus.versions(distribution):
        root = tmp_path / version
        root.mkdir()
        monkeypatch.chdir(root)
        own = distribution == "python"
        worlds.build(root, {"python": version} if own else {"installed": {distribution: version}, "opaque": True})
        written = corpus.write(root / "code", distribution, version, files=False)
        config = Config(root=root, select=("VER3",), offline=True, no_cache=True, jobs=1)
        findings = list(run([root / "code"], config, environ={}).findings)
        for path, case in written.items():
            found = corpus.said(findings, path, case)
            if found != case.verdicts[version]:
                wrong.append(f"{version}: {found or 'silence'}, not {case.verdicts[version] or 'silence'}: {case.code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("distribution", corpus.distributions())
def test_cases_have_a_before_and_an_after(distribution: str) -> None:
    for case in corpus.cases(distribution):
        assert case.distribution == distribution
        assert "" in case.verdicts.values(), case
        assert {"VER301", "VER302"} & set(case.verdicts.values()), case


def test_there_are_enough() -> None:
    found = [case for each in corpus.distributions() for case in corpus.cases(each)]
    assert len(found) >= ENOUGH_CASES
    assert len(corpus.distributions()) >= ENOUGH_DISTRIBUTIONS
