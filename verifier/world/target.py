"""What PEP 508 markers say for the Python and the platform that the code is judged for, which are not our own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from packaging.markers import Marker

_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows", "cygwin": "CYGWIN_NT", "aix": "AIX"}
_MACHINES = {"win32": "AMD64", "darwin": "arm64", "emscripten": "wasm32", "wasi": "wasm32"}
_OPEN = r"(?:extras?|dependency_groups|platform_release|platform_version)"
_LITERAL = r"""(?:"[^"]*"|'[^']*')"""
_COMPARED = r"(?:[=!<>~]=?=?|not\s+in|in)"
_UNKNOWN = re.compile(rf"\b{_OPEN}\s+{_COMPARED}\s+{_LITERAL}|{_LITERAL}\s+{_COMPARED}\s+{_OPEN}\b")
"""A test of what the target does not decide, in a marker as `packaging` writes it."""


def markers(python: tuple[int, int], platform: str, machine: str = "") -> dict[str, str]:
    """Return the marker environment of CPython `python` on `platform` (as sys.platform says it).

    The micro version is taken to be the last one: code written today meets it sooner than the first one.
    """
    full = f"{python[0]}.{python[1]}.99"
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "nt" if platform == "win32" else "posix",
        "platform_machine": machine or _MACHINES.get(platform, "x86_64"),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": _SYSTEMS.get(platform, platform.capitalize()),
        "platform_version": "",
        "python_full_version": full,
        "python_version": f"{python[0]}.{python[1]}",
        "sys_platform": platform,
    }


def holds(marker: str, environment: Mapping[str, str]) -> bool:
    """Whether a marker holds there, whatever the extras, groups and system release; so does one that means nothing."""
    return not marker or _holds(marker, tuple(sorted(environment.items())))


@lru_cache(maxsize=4096)
def _holds(marker: str, environment: tuple[tuple[str, str], ...]) -> bool:
    try:
        open_ended = _UNKNOWN.sub("python_version != '0'", str(Marker(marker)))
        return Marker(open_ended).evaluate(dict(environment))
    except (ValueError, RecursionError):  # no marker, or a comparison that means nothing
        return True
