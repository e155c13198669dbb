"""A file's new bytes put in its place in one step, or left alone when somebody else changed it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path


def write(file: Path, before: bytes, after: bytes) -> str | None:
    """Replace the bytes of a file, following symbolic links and keeping mode and owner; the reason if it was not done.

    Another process sees the old bytes or the new ones, never a part of them.
    """
    temporary: str | None = None
    try:
        target = file.resolve(strict=True)
        if not os.access(target, os.W_OK):
            return "it may not be written"
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
        with os.fdopen(handle, "wb") as new:
            new.write(after)
            new.flush()
            os.fsync(new.fileno())
        shutil.copymode(target, temporary)
        _keep_owner(target, temporary)
        if target.read_bytes() != before:
            return "it was changed meanwhile"
        Path(temporary).replace(target)
        temporary = None
    except OSError as error:
        return f"it cannot be written: {error.strerror or error}"
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return None


def _keep_owner(target: Path, temporary: str) -> None:
    """Give the new file the old one's owner where the system has owners and lets us."""
    if hasattr(os, "chown"):
        old, new = target.stat(), Path(temporary).stat()
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            os.chown(temporary, old.st_uid, old.st_gid)
