"""Which distributions an environment has, and which of them provides an import name."""

from __future__ import annotations

from pathlib import Path

from site_packages import distribute, write

from verifier.model import Environment
from verifier.world.distributions import distribution_of, distributions


def test_what_is_installed_is_listed_once_with_its_version(tmp_path: Path) -> None:
    distribute(tmp_path / "one", "Alpha_Tools", "1.2")
    distribute(tmp_path / "two", "alpha.tools", "9.9")
    write(tmp_path / "two" / "old_one-0.3-py3.12.egg-info", "")
    write(
        tmp_path / "two" / "developed.egg-info" / "PKG-INFO", "Metadata-Version: 2.1\nName: developed\nVersion: 0.1\n"
    )
    write(tmp_path / "two" / "broken.dist-info" / "METADATA", "")
    environment = Environment((3, 12), (tmp_path / "one", tmp_path / "two", tmp_path / "none"), "both")
    assert distributions(environment) == {"alpha-tools": "1.2", "old-one": "0.3", "developed": "0.1"}


def test_the_distribution_of_an_import_name(tmp_path: Path) -> None:
    distribute(tmp_path, "PyYAML", "6.0", "yaml/__init__.py", "_yaml/__init__.py")
    distribute(tmp_path, "scikit_learn", "1.5", "sklearn/__init__.py")
    distribute(tmp_path, "google_cloud_storage", "2.0", "google/cloud/storage/__init__.py")
    distribute(tmp_path, "google_auth", "2.1", "google/auth/__init__.py")
    distribute(tmp_path, "odd", "1.0", "strange_name.py", "compiled.cpython-312-darwin.so")
    distribute(tmp_path, "edited", "1.0", "__editable__.edited-1.0.pth", top_level="edited_module\n")
    distribute(tmp_path, "bare", "1.0", "bare/__init__.py", record=False)
    environment = Environment((3, 12), (tmp_path,), "one")
    expected = {
        "yaml": "pyyaml",
        "sklearn": "scikit-learn",
        "google.cloud.storage": "google-cloud-storage",
        "google.auth": "google-auth",
        "strange_name": "odd",
        "compiled": "odd",
        "edited_module": "edited",
        "bare": "bare",
        "google.cloud.nothing": None,
        "scikit_learn": None,
        "odd": None,
        "nothing": None,
    }
    answers = {name: distribution_of(environment, name) for name in expected}
    assert {name: answer and answer[0] for name, answer in answers.items()} == expected
