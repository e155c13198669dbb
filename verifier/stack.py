"""Runs a function on a stack deep enough for any tree that is parsed, without cyclic garbage collection meanwhile."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")

STACK_BYTES = 256 * 1024 * 1024
"""libcst's native parser and our walks descend as deep as the code is nested."""
RECURSION = 30_000


def deep(function: Callable[[], _Result], name: str) -> _Result:
    """Return what the function returns or raise what it raises; `name` is what its thread is called."""
    results: list[_Result] = []
    crashes: list[BaseException] = []

    def run() -> None:
        sys.setrecursionlimit(RECURSION)
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001  # handed over to the calling thread, which raises it
            crashes.append(error)

    before = threading.stack_size(STACK_BYTES)
    gc.disable()  # trees have no cycles to collect
    try:
        thread = threading.Thread(target=run, name=name)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    gc.enable()
    if crashes:
        crashes[0].add_note(f"while working on {name}")
        raise crashes[0]
    return results[0]
