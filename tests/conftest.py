"""Keeps every test away from the user's caches and from the environment that runs the tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from loopback_index import cache as cache  # noqa: PLC0414  # likewise
from loopback_index import running as running  # noqa: PLC0414  # likewise
from loopback_index import server as server  # noqa: PLC0414  # likewise
from private_index import private_index as private_index  # noqa: PLC0414  # a fixture for every test

# Machines that run tests are shared: how long an example takes says nothing.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


@pytest.fixture(autouse=True)
def _own_caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    cache: Path = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PIP_INDEX_URL", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
