"""A real private index, served by a program that people use for it, has its two wheels and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from loopback_index import at

from verifier.world.index import lookup


def test_a_private_index_has_what_it_serves_and_nothing_else(
    private_index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    names = ["tiny_one", "Tiny.Two", "tiny-three"]
    answers = lookup(names, at(private_index, tmp_path))
    assert [answers[name].exists for name in names] == [True, True, False]


def test_a_private_index_at_the_wrong_address_is_not_believed(
    private_index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    url = private_index.replace("/simple/", "/no/such/index/")
    assert lookup(["tiny-one"], at(url, tmp_path))["tiny-one"].exists is None
