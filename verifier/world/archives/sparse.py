"""A file of which only some parts are known, for `zipfile` to read."""

from __future__ import annotations

import io
from collections.abc import Iterable

from verifier.world.archives.model import Part


class GapError(Exception):
    """Bytes from `start` to `end` were asked for and are not known."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__(f"bytes {start} to {end} are not known")
        self.start = start
        self.end = end


class Sparse:
    """A seekable binary file of a given size made of parts; reading from between them raises GapError."""

    def __init__(self, total: int, parts: Iterable[Part]) -> None:
        self.total = total
        self.parts = list(parts)
        self.position = 0

    def seekable(self) -> bool:
        """Say yes; zipfile asks."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move as any file does; before its beginning is an OSError."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.total}[whence]
        if base + offset < 0:
            raise OSError("before the beginning of the file")
        self.position = base + offset
        return self.position

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, fewer only at the end of the file."""
        end = self.total if size < 0 else min(self.position + size, self.total)
        pieces: list[bytes] = []
        while self.position < end:
            part = next((part for part in self.parts if part.start <= self.position < part.end), None)
            if part is None:
                following = [part.start for part in self.parts if part.start > self.position]
                raise GapError(self.position, min(end, *following) if following else end)
            first = self.position - part.start
            piece = part.data[first : first + end - self.position]
            pieces.append(piece)
            self.position += len(piece)
        return b"".join(pieces)

    def read_from(self, start: int) -> bytes:
        """Return everything from there on."""
        self.position = start
        return self.read()

    def close(self) -> None:
        """Do nothing; zipfile asks."""
