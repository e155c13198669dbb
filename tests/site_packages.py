"""Writes what an installed distribution leaves in a site-packages folder."""

from __future__ import annotations

from pathlib import Path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def distribute(
    site: Path, name: str, version: str, *paths: str, record: bool = True, top_level: str | None = None
) -> None:
    info = site / f"{name}-{version}.dist-info"
    write(info / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for path in paths:
        if not (site / path).exists():
            write(site / path, "")
    if record:
        write(info / "RECORD", "".join(f"{path},,\n" for path in (*paths, f"{info.name}/METADATA")))
    if top_level is not None:
        write(info / "top_level.txt", top_level)
