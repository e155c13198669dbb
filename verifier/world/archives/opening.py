"""Opens archives and reads their members: from what was kept, else over ranges, else by one whole download."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing, suppress
from typing import IO

from verifier.distributions import DistributionFile, Indexes
from verifier.world.archives import sources, store, transfer, zips
from verifier.world.archives.model import Archive, Listing, Member, Part, UnreadableError
from verifier.world.archives.paths import is_source, is_wheel, keepable
from verifier.world.archives.sparse import GapError, Sparse
from verifier.world.archives.suggestions import rest
from verifier.world.file_urls import path_of

_SMALLEST_TAIL = 192 * 1024
_LARGEST_TAIL = 1536 * 1024
_LONGEST_DIRECTORY = 64_000_000
_MOST_OPEN = 300
_MOST_TEXT = 48_000_000
_ATTEMPTS = 3
_PATIENCE = 4
"""The so-maniest time that members have to be fetched, all others come along: many small requests take for ever."""
_STRONG = ("sha512", "sha384", "sha256", "sha3_256", "blake2b")

_open: OrderedDict[tuple[str, Indexes], Archive | UnreadableError] = OrderedDict()
"""Archives of this process, and those that it is no use to ask for again."""
_texts: OrderedDict[tuple[str, str], bytes] = OrderedDict()
_guard = threading.Lock()
_locks: dict[str, threading.RLock] = {}
"""One question at a time for each archive, so that two threads do not fetch the same."""


_waves: dict[str, int] = {}
"""By key: how often members of an archive had to be fetched."""


def load(indexes: Indexes, file: DistributionFile, *, end: float) -> Archive:
    """Open a wheel, egg or source archive without unpacking it; a kept listing needs no request.

    Raises UnreadableError, at the latest soon after the monotonic clock shows `end`.
    """
    if not is_wheel(file.name) and not is_source(file.name):
        raise UnreadableError(f"{file.name} is neither a wheel nor a source archive", lasting=True)
    key = identity(file)
    with _lock(key):
        known = _recall(key, indexes)
        if isinstance(known, Archive):
            return known
        if known is not None:
            raise UnreadableError(str(known), lasting=True)
        try:
            listing = store.listing(indexes.cache, key) or _opened(indexes, file, key, end)
        except UnreadableError as error:
            if error.lasting:
                _remember(key, indexes, error)
            raise
        archive = Archive(key, file, indexes, listing)
        _remember(key, indexes, archive)
        return archive


def was_opened(indexes: Indexes, file: DistributionFile) -> bool:
    """Whether opening it needs no request."""
    key = identity(file)
    return isinstance(_recall(key, indexes), Archive) or store.listing(indexes.cache, key) is not None


def read(archive: Archive, names: Collection[str], *, end: float) -> Mapping[str, bytes]:
    """Contents of members by name: what was kept, and the rest fetched together.

    Left out is what can never be read (`why_not` says why) and what is no member. Raises UnreadableError where the rest
    cannot be fetched; what came before that is kept.
    """
    wanted = {name for name in names if name in archive.members and why_not(archive, name) is None}
    with _lock(archive.key):
        found = {name: text for name in wanted if (text := _texts.get((archive.key, name))) is not None}
        found |= store.texts(archive.indexes.cache, archive.key, wanted - found.keys())
        missing = wanted - found.keys()
        if missing:
            _waves[archive.key] = _waves.get(archive.key, 0) + 1
            more = rest(archive) if _waves[archive.key] == _PATIENCE else ()
            found |= _fetched(archive, missing.union(more), end)
        for name in wanted & found.keys():
            _keep_text(archive.key, name, found[name])
    return {name: found[name] for name in names if name in wanted and name in found}


def prefetch(archive: Archive, names: Collection[str], *, end: float) -> None:
    """Fetch members that will be read later; what fails now fails again, and says why, when it is read."""
    kept = store.kept(archive.indexes.cache, archive.key)
    with suppress(UnreadableError):
        read(archive, [name for name in names if name not in kept], end=end)


def why_not(archive: Archive, name: str) -> str | None:
    """Why a member is never read; None where it is, as far as is known before it is fetched."""
    if name not in archive.members:
        return "is not in the archive"
    return archive.listing.refused.get(name) or (None if keepable(name) else "is no Python file")


def identity(file: DistributionFile) -> str:
    """Return what stands for the contents of a file: its strongest digest, else its address and what dates it."""
    by_name = dict(each.partition(":")[::2] for each in file.hashes)
    for name in (*_STRONG, *sorted(by_name)):
        if by_name.get(name):
            return f"{name}:{by_name[name].lower()}"
    dated = f"{file.url} {file.size} {file.uploaded}"
    if (path := path_of(file.url)) is not None:
        with suppress(OSError):
            state = path.stat()
            dated += f" {state.st_size} {state.st_mtime_ns}"
    return f"url:{hashlib.sha256(dated.encode()).hexdigest()}"


def _opened(indexes: Indexes, file: DistributionFile, key: str, end: float) -> Listing:
    """Open an archive that was not kept, and keep its listing with the members that came along."""
    if not file.url:
        raise UnreadableError(f"{file.name}: where it lies is not known")
    if indexes.offline and path_of(file.url) is None:
        raise UnreadableError(f"offline, and {file.name} was not read before")
    if is_wheel(file.name):
        got = transfer.tail(indexes, file, _tail_of(file), end=end)
        if isinstance(got, tuple):
            return _by_ranges(indexes, file, key, got, end)
    else:
        got = transfer.whole(indexes, file, end=end)
    with closing(got):
        return _whole(indexes, file, key, got, end)


def _tail_of(file: DistributionFile) -> int:
    """How much to ask for at first, so that the central directory most likely comes with it, and small files whole.

    Measured: the directory takes 1 to 1.5 percent of wheels for one platform and up to 5 percent of pure ones.
    """
    pure = file.name.endswith("-any.whl")
    if file.size is None:
        return _SMALLEST_TAIL * 2 if pure else _SMALLEST_TAIL
    share = file.size // (20 if pure else 64)
    return max(_SMALLEST_TAIL, min(share, _LARGEST_TAIL))


def _by_ranges(indexes: Indexes, file: DistributionFile, key: str, got: tuple[Part, int], end: float) -> Listing:
    part, total = got
    if part.start == 0:
        transfer.check(file, [part.data])
    parts = [part]
    for _ in range(_ATTEMPTS):
        try:
            archive = zips.opened(Sparse(total, parts), file)
        except GapError as gap:
            if gap.end - gap.start > _LONGEST_DIRECTORY:
                raise UnreadableError(f"{file.name}: its list of members is too long", lasting=True) from None
            parts += transfer.ranges(indexes, file, [(gap.start, gap.end)], total, end=end)
            continue
        with archive:
            listing = zips.listing(archive, file, ranged=True, total=total)
            texts, refused = zips.unpacked(archive, _covered(listing, parts))
            listing.refused.update(refused)
            directory = Part(archive.start_dir, Sparse(total, parts).read_from(archive.start_dir))
        store.keep(indexes.cache, key, texts, listed=listing, end=directory)
        return listing
    raise UnreadableError(f"{file.name} is no zip archive that can be read", lasting=True)


def _whole(indexes: Indexes, file: DistributionFile, key: str, source: IO[bytes], end: float) -> Listing:
    """Keep everything of a whole archive that may ever be read."""
    if is_wheel(file.name):
        with zips.opened(source, file) as archive:
            listing = zips.listing(archive, file, ranged=False, total=0)
            readable = [
                each for name, each in listing.members.items() if keepable(name) and name not in listing.refused
            ]
            texts, refused = zips.unpacked(archive, readable)
            listing.refused.update(refused)
    else:
        listing, texts = sources.read(source, file, end=end)
    store.keep(indexes.cache, key, texts, listed=listing)
    return listing


def _fetched(archive: Archive, names: Collection[str], end: float) -> dict[str, bytes]:
    """Fetch members that were not kept, and keep them with those that came along."""
    indexes, file = archive.indexes, archive.file
    if indexes.offline and path_of(file.url) is None:
        raise UnreadableError(f"offline, and not all of {file.name} was read before")
    found: dict[str, bytes] = {}
    directory = store.directory(indexes.cache, archive.key) if archive.listing.ranged else None
    if directory is None:
        # What was kept is no longer there: another process began the cache anew.
        again = _opened(indexes, file, archive.key, end)
        found = store.texts(indexes.cache, archive.key, names)
        names = set(names) - found.keys() - again.refused.keys()
        directory = store.directory(indexes.cache, archive.key)
        if not names or not again.ranged:
            return found
        if directory is None:
            raise UnreadableError(f"{file.name}: its list of members could not be kept")
    members = [archive.members[name] for name in names]
    total = archive.listing.total
    parts = transfer.ranges(indexes, file, [(each.offset, each.end) for each in members], total, end=end)
    with zips.opened(Sparse(total, [directory, *parts]), file) as opened:
        texts, refused = zips.unpacked(opened, [*members, *_covered(archive.listing, parts, set(names))])
    archive.listing.refused.update(refused)
    store.keep(indexes.cache, archive.key, texts)
    return found | texts


def _covered(listing: Listing, parts: Iterable[Part], but: Collection[str] = ()) -> list[Member]:
    """Members that may be read and lie wholly in one of the parts."""
    return [
        member
        for name, member in listing.members.items()
        if name not in but
        and keepable(name)
        and name not in listing.refused
        and any(part.start <= member.offset and member.end <= part.end for part in parts)
    ]


def _lock(key: str) -> threading.RLock:
    with _guard:
        return _locks.setdefault(key, threading.RLock())


def _recall(key: str, indexes: Indexes) -> Archive | UnreadableError | None:
    with _guard:
        found = _open.get((key, indexes))
        if found is not None:
            _open.move_to_end((key, indexes))
        return found


def _remember(key: str, indexes: Indexes, value: Archive | UnreadableError) -> None:
    with _guard:
        _open[key, indexes] = value
        while len(_open) > _MOST_OPEN:
            _open.popitem(last=False)


def _keep_text(key: str, name: str, text: bytes) -> None:
    with _guard:
        _texts[key, name] = text
        _texts.move_to_end((key, name))
        size = sum(map(len, _texts.values())) if len(_texts) % 64 == 0 else 0
        while size > _MOST_TEXT:
            size -= len(_texts.popitem(last=False)[1])
