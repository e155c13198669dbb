"""Whether a package index has a distribution: yes, no, or not verified and why. A failure is never a "no"."""

from __future__ import annotations

import json
import threading
import time
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from packaging.utils import InvalidName, canonicalize_name
from pypi_simple import (
    PYPI_SIMPLE_ENDPOINT,
    DistributionPackage,
    PyPISimple,
    RepositoryPage,
    UnexpectedRepoVersionWarning,
    UnsupportedRepoVersionError,
)
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Retry

from verifier.world import store

_AGENT = "verifier (static checker for Python; looks up the names of imported packages)"
_THREADS = 8
_RETRIED = (429, 500, 502, 503, 504)
_SMALL = 1 << 16
_PAGE_LIMIT = 64 * 1024 * 1024
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the index says of a normalised name: `exists` is None when it could not be verified, and `why` tells."""

    name: str
    exists: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class _Asking:
    """One batch of questions: the client, when (by the monotonic clock) to stop, and time-outs in seconds."""

    client: PyPISimple
    end: float
    timeouts: tuple[float, float]


def lookup(
    names: Collection[str],
    *,
    url: str | None,
    offline: bool,
    cache: Path | None,
    deadline: float = 20.0,
    no_cache: bool = False,
) -> Mapping[str, Answer]:
    """Ask the index at that URL (None: the public one) for the names, in at most `deadline` seconds; keys as given.

    Answers come from the cache first (None: the user's own), which is all there is when offline. No credentials of the
    URL are kept or shown.
    """
    start = time.monotonic()
    index = _without_credentials(url or PYPI_SIMPLE_ENDPOINT)
    wanted: dict[str, str] = {}
    answers: dict[str, Answer] = {}
    for name in names:
        try:
            wanted[name] = canonicalize_name(name, validate=True)
        except InvalidName:
            answers[name] = _invalid(name)
    known = {} if no_cache else store.recall(cache, index, set(wanted.values()), any_age=offline)
    told = {name: _said(name, index, found=found) for name, found in known.items()}
    rest = sorted(set(wanted.values()) - told.keys())
    if rest and offline:
        told |= {name: Answer(name, None, "offline, and not answered before") for name in rest}
    elif rest:
        asked = _ask_all(rest, url or PYPI_SIMPLE_ENDPOINT, index, start + deadline)
        proven = any(one.exists for one in (*told.values(), *asked.values()))
        if url is not None and not proven and (no_cache or not store.knows_any(cache, index)):
            asked = _doubted(asked, url, index, start + deadline)
        if not no_cache:
            store.keep(cache, index, {name: one.exists for name, one in asked.items() if one.exists is not None})
        told |= asked
    return answers | {name: told[canonical] for name, canonical in wanted.items()}


def _invalid(name: str) -> Answer:
    """Answer for a name that no index can have; with a dash at an end it stands for a private module of some other."""
    private = name.strip("-_.") != name
    return Answer(name, None if private else False, "not a valid distribution name")


def _said(name: str, index: str, *, found: bool) -> Answer:
    return Answer(name, found, f"{index} {'has' if found else 'has no'} {name}")


def _doubted(asked: dict[str, Answer], url: str, index: str, end: float) -> dict[str, Answer]:
    """Return the answers of an address that never had anything, without its "no" where it is itself no index."""
    no = [name for name, one in asked.items() if one.exists is False]
    if not no or _ask_all([""], url, index, end)[""].exists is not False:
        return asked
    return asked | {name: Answer(name, None, f"{index} does not answer as a package index") for name in no}


def _ask_all(names: Iterable[str], url: str, index: str, end: float) -> dict[str, Answer]:
    """Ask for each name in parallel; those that are not answered at the end (monotonic clock) stay unverified.

    The threads are daemons: one that waits for a server which sends a byte now and then must not hold the process.
    """
    questions: SimpleQueue[str] = SimpleQueue()
    results: SimpleQueue[Answer] = SimpleQueue()
    waiting = dict.fromkeys(names)
    for name in waiting:
        questions.put(name)
    seconds = max(end - time.monotonic(), 0.0)
    answers: dict[str, Answer] = {}
    try:
        client = _client(url, seconds)
    except ValueError:
        return {name: Answer(name, None, f"{index} is no address of an index") for name in waiting}
    asking = _Asking(client, end, (max(seconds / 4, 0.01), max(seconds / 3, 0.01)))
    with client, warnings.catch_warnings():
        # A later minor version of the page format only adds to it (PEP 629).
        warnings.simplefilter("ignore", UnexpectedRepoVersionWarning)
        for _ in range(min(_THREADS, len(waiting))):
            threading.Thread(target=_work, args=(asking, questions, results, index), daemon=True).start()
        while len(answers) < len(waiting):
            try:
                answer = results.get(timeout=max(end - time.monotonic(), 0))
            except Empty:
                break
            answers[answer.name] = answer
    late = f"{index} did not answer in time"
    return {name: answers.get(name) or Answer(name, None, late) for name in waiting}


def _work(asking: _Asking, questions: SimpleQueue[str], results: SimpleQueue[Answer], index: str) -> None:
    while time.monotonic() < asking.end:
        try:
            name = questions.get_nowait()
        except Empty:
            return
        results.put(_ask(asking, name, index))


def _client(url: str, seconds: float) -> PyPISimple:
    """Make a client that tries again where that may help; what a server wishes to wait is cut to fit the deadline."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("no address of an index")
    retry = Retry(
        total=3,
        connect=1,
        read=1,
        status_forcelist=_RETRIED,
        allowed_methods={"GET"},
        backoff_factor=min(0.2, seconds / 50),
        backoff_max=seconds / 8,
        retry_after_max=round(seconds / 5),
        raise_on_status=False,
    )
    session = requests.Session()
    session.max_redirects = 5
    session.headers["User-Agent"] = _AGENT
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_THREADS, max_retries=retry))
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return PyPISimple(_without_credentials(url), auth=auth, session=session)


def _ask(asking: _Asking, name: str, index: str) -> Answer:
    """Tell what the index says of one name (an empty one stands for the index itself); its errors become the reason."""
    client = asking.client
    url = client.get_project_url(name) if name else client.endpoint
    try:
        with client.s.get(url, headers={"Accept": client.accept}, timeout=asking.timeouts, stream=True) as response:
            if response.status_code in _GONE:
                return _missing(name, index, response)
            if response.status_code != HTTPStatus.OK:
                return Answer(name, None, f"{index} answered {response.status_code}")
            return _judge(name, index, response, asking.end)
    except requests.Timeout:
        return Answer(name, None, f"{index} did not answer in time")
    except requests.TooManyRedirects:
        return Answer(name, None, f"{index} redirects in circles")
    except requests.exceptions.SSLError:
        return Answer(name, None, f"no trusted connection to {index}: its certificate was refused")
    except requests.ConnectionError as error:
        stalled = error.args and isinstance(getattr(error.args[0], "reason", None), ReadTimeoutError)
        return Answer(name, None, f"{index} did not answer in time" if stalled else f"no connection to {index}")
    except (requests.RequestException, HTTPError) as error:
        # The text of these errors may quote the address with its credentials; their kind does not.
        return Answer(name, None, f"{index} could not be asked ({type(error).__name__})")


def _missing(name: str, index: str, response: requests.Response) -> Answer:
    """Answer "no", unless a redirect led away from the page of that name: what is missing then is something else."""
    if int(response.headers.get("Content-Length") or _PAGE_LIMIT) < _SMALL:
        response.raw.drain_conn()  # so that the next question can use the connection
    last = urlsplit(response.url).path.rstrip("/").rpartition("/")[2]
    if response.history and name and canonicalize_name(unquote(last)) != name:
        return Answer(name, None, f"{index} redirects to a page that does not exist")
    return _said(name, index, found=False)


def _judge(name: str, index: str, response: requests.Response, end: float) -> Answer:
    """Whether a page that came back is the page of a distribution and not, say, a form to log in."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not kind.startswith(("application/vnd.pypi.simple.", "text/html")):
        return Answer(name, None, f"{index} answered with the content type {kind or 'none'!r}")
    if not name:
        return Answer(name, exists=True, why="")
    body = bytearray()
    while chunk := response.raw.read1(1 << 16, decode_content=True):
        body += chunk
        if len(body) > _PAGE_LIMIT:
            return Answer(name, None, f"the answer of {index} is larger than {_PAGE_LIMIT >> 20} MB")
        if time.monotonic() > end:
            return Answer(name, None, f"{index} did not answer in time")
    if _is_page(name, kind, bytes(body)):
        return _said(name, index, found=True)
    return Answer(name, None, f"{index} answered, but with no page of files")


def _is_page(name: str, kind: str, body: bytes) -> bool:
    """Whether that is the page of the name: in JSON (PEP 691) it says so, in HTML (PEP 503) it lists files."""
    try:
        if not kind.endswith("json"):
            links = RepositoryPage.from_html(body).links
            return any(DistributionPackage.from_link(link, name).package_type for link in links)
        page = json.loads(body)
    except (ValueError, RecursionError, UnsupportedRepoVersionError):
        return False
    match page:
        case {"name": str(said), "files": list()}:
            return canonicalize_name(said) == name
    return False


def _without_credentials(url: str) -> str:
    """Return the address without user and password, and without a query: what may be shown and stored."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the given address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/") + "/", "", ""))
