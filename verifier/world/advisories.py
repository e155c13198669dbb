"""Known vulnerabilities of versions, from indexes that publish them beside their pages (JSON of one release)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from urllib.parse import quote

import msgspec

from verifier.distributions import Index, Indexes
from verifier.world import http, store
from verifier.world.index.batch import is_private
from verifier.world.index.releases import Unverified

_PAGES = "/simple/"
_DAY = 24 * 3600
_MOST_BYTES = 32 << 20
_THREADS = 6


class Advisory(msgspec.Struct, frozen=True):
    """One published vulnerability of a version."""

    id: str
    aliases: tuple[str, ...] = ()
    """What other databases call it, such as CVE numbers."""
    fixed_in: tuple[str, ...] = ()
    """Versions that no longer have it."""
    summary: str | None = None
    withdrawn: str | None = None
    """When it was taken back; such advisories are never returned."""


class _Release(msgspec.Struct):
    vulnerabilities: list[Advisory] = []


_release = msgspec.json.Decoder(_Release)
_kept = msgspec.json.Decoder(tuple[Advisory, ...])

Told = tuple[Advisory, ...] | Unverified


def advisories(indexes: Indexes, versions: Mapping[str, str], *, end: float | None = None) -> Mapping[str, Told]:
    """Return what is known against those versions (by normalised name), asked once a day.

    Nothing for an index that publishes no advisories; Unverified where it could not be asked. It takes
    `indexes.seconds`, or lasts until the monotonic clock shows `end`.
    """
    end = time.monotonic() + indexes.seconds if end is None else end
    if not versions:
        return {}
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        asked = {name: pool.submit(_of_version, indexes, name, version, end) for name, version in versions.items()}
        return {name: each.result() for name, each in asked.items()}


def _of_version(indexes: Indexes, name: str, version: str, end: float) -> Told:
    """What the first index that has a say in a name publishes of one version of it."""
    private = is_private(indexes, name)
    for index in indexes.indexes:
        served = not index.names or name in index.names
        if served and index.url.endswith(_PAGES) and not index.find_links and not (private and index.public):
            told = _asked(indexes, index, name, version, end)
            if told != ():
                return told
    return ()


def _asked(indexes: Indexes, index: Index, name: str, version: str, end: float) -> Told:
    origin, key = f"{index.url}#advisories", f"{name}=={version}"
    page = store.recall(indexes.cache, origin, [key]).get(key)
    if page is not None and page.data is not None and (indexes.offline or 0 <= page.age < _DAY):
        try:
            return _kept.decode(page.data)
        except msgspec.DecodeError:  # written by another version of this program; asked again
            pass
    address = f"{index.url.removesuffix(_PAGES)}/pypi/{quote(name)}/{quote(version)}/json"
    try:
        reply = http.fetch(indexes, address, headers={"accept": "application/json"}, most_bytes=_MOST_BYTES, end=end)
    except http.FetchError as error:
        return Unverified(str(error))
    found: tuple[Advisory, ...] = ()
    if reply.status == HTTPStatus.OK:
        try:
            release = _release.decode(reply.body)
        except msgspec.DecodeError:
            return ()  # an index that answers every address with a page of its own publishes no advisories
        found = tuple(each for each in release.vulnerabilities if each.withdrawn is None)
    kept = store.Page(msgspec.json.encode(found), time.time())
    store.keep(indexes.cache, origin, {key: kept})
    return found
