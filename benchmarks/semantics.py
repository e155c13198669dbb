"""Lines a second of parse + semantics on installed packages, against libcst's own scope metadata, and memory over time.

    python benchmarks/semantics.py [PACKAGE ...]

Prints CPU time, not wall time; the peer reads every eighth file, because it is slow.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, ScopeProvider

from verifier.examine import examine
from verifier.limits import excess
from verifier.model import Project, Source
from verifier.semantics.walk import read
from verifier.stack import RECURSION, STACK_BYTES

PACKAGES = ("requests", "click", "rich", "libcst", "bandit", "pydantic")


def files(packages: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """Every file of the installed packages, or folders, that is UTF-8."""
    for package in packages:
        spec = importlib.util.find_spec(package) if not Path(package).is_dir() else None
        for folder in (spec.submodule_search_locations or ()) if spec else (package,):
            for file in sorted(Path(folder).rglob("*.py")):
                try:
                    text = file.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    continue
                yield file, text


def main() -> None:
    """Measure and print."""
    sys.setrecursionlimit(RECURSION)
    found = list(files(tuple(sys.argv[1:]) or PACKAGES))
    lines = sum(text.count("\n") for _, text in found)
    scan = parse = walk = peer = 0.0
    peer_lines = 0
    for number, (file, text) in enumerate(found):
        begun = time.process_time()
        if excess(text):
            continue
        scanned = time.process_time()
        try:
            tree = cst.parse_module(text)
        except cst.ParserSyntaxError:
            continue
        parsed = time.process_time()
        read(tree, str(file), (3, 11))
        done = time.process_time()
        scan, parse, walk = scan + scanned - begun, parse + parsed - scanned, walk + done - parsed
        if number % 8 == 0:
            begun = time.process_time()
            MetadataWrapper(tree, unsafe_skip_copy=True).resolve(ScopeProvider)
            peer += time.process_time() - begun + parsed - scanned
            peer_lines += text.count("\n")
    ours = lines / (scan + parse + walk)
    theirs = peer_lines / peer
    print(f"{len(found)} files, {lines} lines: scan {scan:.1f} s, parse {parse:.1f} s, walk {walk:.1f} s")
    print(f"parse + semantics: {ours:.0f} lines a CPU second")
    print(f"libcst with ScopeProvider: {theirs:.0f} lines a CPU second; ratio {ours / theirs:.1f}")
    for share in (4, 2, 1):
        for file, _ in found[:: share * 2]:
            examine(Source(str(file), file), (), Project(Path.cwd(), (3, 11)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"peak memory after {len(found[:: share * 2])} more files: {peak} MiB")


if __name__ == "__main__":
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
