"""Conversations with servers, each in a thread of its own: retries, time-outs, hosts that do not answer."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from queue import Empty, Full, Queue

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from verifier.world.addresses import SILENT, host, shown
from verifier.world.http import FetchError, InterruptedFetchError, Traffic

_AGENT = "verifier (static checker for Python; reads package indexes and the packages that code imports)"
_POOL = 16
_REDIRECTS = 5
_RETRIED = frozenset({429, 500, 502, 503, 504})
_ATTEMPTS = 4
_FIRST_PAUSE = 0.2
_CHUNK = 1 << 16
_FAIR_SECONDS = 0.25
"""A host that was given less time than that is not blamed for its silence."""
_MOST_SILENCE = 30.0
"""A host that gave nothing is left alone till its batch ends, or longer if it cost much time; at most so long."""
_VERSION_ERRORS = (UnicodeError, ValueError)

_sessions: dict[tuple[int, str | None], requests.Session] = {}
_silent_until: dict[str, float] = {}
_heard_at: dict[str, float] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Head:
    """What precedes a body: status, final address, headers, and whether the length or the end of the body is marked."""

    status: int
    url: str
    headers: Mapping[str, str]
    whole: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One question, and where its answer goes: a Head, chunks of bytes, then None; or a FetchError at any point."""

    url: str
    headers: Mapping[str, str]
    login: tuple[str, str] | None
    certificates: str | None
    end: float
    events: Queue[Head | bytes | FetchError | None]
    begun: float = field(default_factory=time.monotonic)
    dropped: threading.Event = field(default_factory=threading.Event)
    """Set when nobody waits any more."""

    def next(self) -> Head | bytes | None:
        """Return what comes next; a FetchError where it is one, or where nothing came in time."""
        try:
            event = self.events.get(timeout=max(self.end - time.monotonic(), 0.0))
        except Empty:
            silence(self)
            raise FetchError(f"{shown(self.url)} did not answer in time") from None
        if isinstance(event, FetchError):
            raise event
        return event

    def chunks(self) -> Iterator[bytes]:
        """Return the body as it arrives."""
        while isinstance(chunk := self.next(), bytes):
            yield chunk

    def hang_up(self) -> None:
        """Let the thread end that reads the answer."""
        self.dropped.set()
        with suppress(Empty):
            while True:
                self.events.get_nowait()


def forget() -> None:
    """Ask every host again, also those that did not answer a moment ago."""
    _silent_until.clear()


def converse(call: Call, traffic: Traffic) -> None:
    """Put everything that comes back into the call's queue, errors included, until nobody waits."""
    try:
        _refuse_silent(call)
        response = _answered(call, traffic)
        with closing(response):
            _heard_at[host(response.url) or ""] = _heard_at[host(call.url) or ""] = time.monotonic()
            headers = response.headers
            told = "Content-Length" in headers or "chunked" in headers.get("Transfer-Encoding", "").lower()
            _put(call, Head(response.status_code, response.url, headers, told))
            decoded = call.headers["accept-encoding"] != "identity"
            try:
                while not call.dropped.is_set() and (chunk := response.raw.read1(_CHUNK, decode_content=decoded)):
                    _put(call, chunk)
            finally:
                traffic.add(0, response.raw.tell())
        _put(call, None)
    except FetchError as error:
        _put(call, error)
    except (requests.RequestException, HTTPError, OSError, *_VERSION_ERRORS) as error:
        _put(call, _explained(call, error))


def _put(call: Call, event: Head | bytes | FetchError | None) -> None:
    while not call.dropped.is_set():
        with suppress(Full):
            call.events.put(event, timeout=0.5)
            return


def silence(call: Call) -> None:
    """Remember that the host of a call gave nothing in time, unless it answered others meanwhile."""
    if call.end - call.begun < _FAIR_SECONDS:
        return
    where = host(call.url) or ""
    if _heard_at.get(where, 0.0) < call.begun:
        now = time.monotonic()
        _silent_until[where] = max(call.end, now + min(_MOST_SILENCE, 5 * (now - call.begun)))


def _refuse_silent(call: Call) -> None:
    if time.monotonic() < _silent_until.get(host(call.url) or "", 0.0):
        raise FetchError(f"{shown(call.url)} {SILENT}")


def _answered(call: Call, traffic: Traffic) -> requests.Response:
    """Ask until the answer is no passing failure; what a server wishes to wait is done where the time allows it."""
    for attempt in range(_ATTEMPTS):
        response = _asked_twice(call)
        traffic.add(
            len(response.history) + 1, sum(len(name) + len(value) + 4 for name, value in response.headers.items())
        )
        pause = _pause(response, attempt)
        if response.status_code not in _RETRIED or attempt == _ATTEMPTS - 1:
            break
        if time.monotonic() + pause >= call.end or call.dropped.is_set():
            break
        response.close()
        time.sleep(pause)
    return response


def _asked_twice(call: Call) -> requests.Response:
    """Ask again where a connection broke off, since the server may have closed one that was kept open."""
    try:
        return _asked(call)
    except requests.ConnectionError as error:
        if _stalled(error) or not _broke_off(error):
            raise
    return _asked(call)


def _asked(call: Call) -> requests.Response:
    seconds = max(call.end - time.monotonic(), 0.01)
    return _session(call.certificates).get(
        call.url,
        headers=dict(call.headers),
        auth=call.login,
        verify=call.certificates if call.certificates is not None else True,
        timeout=(seconds / 3, seconds / 2),
        stream=True,
    )


def _pause(response: requests.Response, attempt: int) -> float:
    """Seconds to wait before the next attempt: what the server wishes (RFC 9110, 10.2.3), else twice the last time."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    with suppress(ValueError, TypeError):
        then: datetime = parsedate_to_datetime(text)
        wait: float = (then - datetime.now(UTC)).total_seconds()
        return max(wait, 0.0)
    return _FIRST_PAUSE * (1 << attempt)


def _session(certificates: str | None) -> requests.Session:
    """Return the session of this process for those certificates; connections are kept and cookies are not."""
    with _lock:
        key = os.getpid(), certificates
        if key not in _sessions:
            session = requests.Session()
            session.max_redirects = _REDIRECTS
            session.headers["User-Agent"] = _AGENT
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL))
            _sessions[key] = session
        return _sessions[key]


def _explained(call: Call, error: Exception) -> FetchError:
    """Say what an error of the libraries means; their own texts may quote an address with its credentials."""
    request = getattr(error, "request", None)
    place = shown(getattr(request, "url", None) or call.url)
    if isinstance(error, requests.Timeout | ReadTimeoutError) or _stalled(error):
        silence(call)
        return FetchError(f"{place} did not answer in time")
    match error:
        case requests.TooManyRedirects():
            return FetchError(f"{place} redirects in circles")
        case requests.exceptions.ProxyError():
            silence(call)
            return FetchError(f"no connection to {place}: the proxy refused it or did not answer")
        case requests.exceptions.SSLError():
            return FetchError(f"no trusted connection to {place}: its certificate was refused")
        case requests.ConnectionError() if _broke_off(error):
            return InterruptedFetchError(f"the connection to {place} broke off")
        case requests.ConnectionError():
            silence(call)
            return FetchError(f"no connection to {place}")
        case requests.RequestException():
            return FetchError(f"{place} could not be asked ({type(error).__name__})")
        case HTTPError():
            return InterruptedFetchError(f"the answer of {place} broke off or is damaged ({type(error).__name__})")
        case OSError() if call.certificates is not None:
            return FetchError(f"the certificates in {call.certificates} cannot be read")
    return FetchError(f"{place} could not be asked ({type(error).__name__})")


def _stalled(error: Exception) -> bool:
    return bool(error.args) and isinstance(getattr(error.args[0], "reason", None), ReadTimeoutError)


def _broke_off(error: Exception) -> bool:
    """Whether a connection had been made, so that the host is there."""
    return bool(error.args) and isinstance(error.args[0], ProtocolError)
