"""A package whose releases deprecate, remove and bring back a function, on an index of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shelf import Shelf, serving

from verifier.distributions import Indexes
from verifier.world.index import configuration

WARN = "    import warnings\n    warnings.warn('use `new` instead', DeprecationWarning, stacklevel=2)\n"
PRESENT = "def old():\n    return 1\n\ndef keep(a, b=1):\n    return a\n\nclass Thing:\n    def go(self): ...\n"
GOING = f"""import warnings


def old():
{WARN}    return 1


def keep(a, b=1):
    return a


class Thing:
    def go(self):
        warnings.warn('use run instead', DeprecationWarning)
"""
GONE = "def keep(a):\n    return a\n\n\nclass Thing:\n    def run(self): ...\n"
BACK = "def old():\n    return 2\n\n\ndef keep(a):\n    return a\n\n\nclass Thing:\n    def run(self): ...\n"
RAISING = "def old():\n    raise RuntimeError('old was removed, use new')\n\n\ndef keep(a): ...\n"


@contextmanager
def shelf_of_oldlib() -> Iterator[Shelf]:
    """An index that has its four releases."""
    with serving() as running:
        running.add("oldlib", "1.0", {"oldlib/__init__.py": PRESENT})
        running.add("oldlib", "1.1", {"oldlib/__init__.py": GOING})
        running.add("oldlib", "2.0", {"oldlib/__init__.py": GONE})
        running.add("oldlib", "3.0", {"oldlib/__init__.py": BACK})
        yield running


def asking(shelf: Shelf, folder: Path) -> Indexes:
    """The settings that ask the shelf and nobody else, without a cache."""
    found, unread = configuration.read(folder, {}, index_url=shelf.url, offline=False, cache=None)
    assert not unread
    return found
