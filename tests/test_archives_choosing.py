"""The file to read is chosen for the target, and the release to read for the specifier."""

from __future__ import annotations

import pytest

from verifier.distributions import DistributionFile
from verifier.world.archives import choose, fits, newest

ANY = "alpha-1.0-py3-none-any.whl"
SOURCE = "alpha-1.0.tar.gz"


def file(name: str, version: str = "1.0", requires: str = "", yanked: str | None = None) -> DistributionFile:
    return DistributionFile(name, f"https://host.invalid/{name}", version, requires_python=requires, yanked=yanked)


def release(version: str, requires: str = "", yanked: str | None = None) -> DistributionFile:
    return file(f"alpha-{version}-py3-none-any.whl", version, requires, yanked)


def wheel(tags: str) -> str:
    return f"alpha-1.0-{tags}.whl"


@pytest.mark.parametrize(
    ("names", "python", "platform", "expected"),
    [
        ([wheel("cp310-cp310-manylinux1_x86_64"), wheel("cp311-cp311-manylinux2014_x86_64")], (3, 11), "linux", 1),
        ([ANY, wheel("cp311-cp311-manylinux_2_28_x86_64")], (3, 11), "linux", 1),
        ([wheel("cp311-cp311-manylinux_2_17_x86_64"), wheel("cp311-cp311-manylinux_2_40_x86_64")], (3, 11), "linux", 1),
        ([wheel("cp36-cp36m-manylinux1_x86_64"), SOURCE], (3, 6), "linux", 0),
        ([SOURCE, wheel("cp37-cp37m-manylinux2010_x86_64")], (3, 7), "linux", 1),
        ([wheel("cp38-abi3-manylinux_2_5_x86_64"), SOURCE], (3, 13), "linux", 0),
        ([wheel("cp311-cp311-win_amd64"), wheel("cp311-cp311-macosx_11_0_arm64")], (3, 11), "win32", 0),
        ([wheel("cp311-cp311-win_amd64"), wheel("cp311-cp311-macosx_11_0_arm64")], (3, 11), "darwin", 1),
        ([wheel("cp311-cp311-macosx_10_9_x86_64"), SOURCE], (3, 11), "darwin", 0),
        ([wheel("cp311-cp311-macosx_10_9_universal2"), ANY], (3, 11), "darwin", 0),
        ([wheel("cp311-cp311-musllinux_1_1_x86_64"), SOURCE], (3, 11), "linux", 0),
        ([wheel("cp311-cp311t-manylinux_2_17_x86_64"), SOURCE], (3, 11), "linux", 0),
        ([wheel("cp39-cp39-manylinux_2_17_x86_64"), SOURCE], (3, 12), "linux", 0),
        (["alpha-1.0.egg", "alpha-1.0-py3.6.egg", SOURCE], (3, 12), "linux", 2),
        (["alpha-1.0-py3.6.egg", "alpha-1.0.exe"], (3, 12), "linux", 0),
        ([wheel("cp27-cp27mu-manylinux1_x86_64"), wheel("cp37-cp37m-win_amd64")], (3, 12), "linux", 1),
        ([wheel("cp37-cp37m-win_amd64"), wheel("cp37-cp37m-manylinux1_x86_64")], (3, 12), "linux", 1),
        ([wheel("cp35-cp35m-manylinux1_x86_64"), wheel("cp38-cp38-manylinux1_x86_64")], (3, 12), "linux", 1),
        (["alpha-1.0-1-py3-none-any.whl", "alpha-1.0-2a-py3-none-any.whl", ANY], (3, 12), "linux", 1),
        (["broken.whl", SOURCE], (3, 12), "linux", 1),
        ([wheel("cp27-cp27mu-manylinux1_x86_64"), SOURCE], (3, 12), "linux", 1),
        (["alpha-1.0.exe", "alpha-1.0.rpm"], (3, 12), "linux", None),
        ([], (3, 12), "linux", None),
    ],
)
def test_choice(names: list[str], python: tuple[int, int], platform: str, expected: int | None) -> None:
    for order in (names, names[::-1]):
        chosen = choose([file(name) for name in order], python=python, platform=platform)
        assert (chosen.name if chosen else None) == (None if expected is None else names[expected])


def test_python_that_is_excluded() -> None:
    fitting, not_fitting = file(SOURCE), file(ANY, requires="<3.12")
    assert choose([not_fitting, fitting], python=(3, 12), platform="linux") is fitting
    assert choose([not_fitting, fitting], python=(3, 11), platform="linux") is not_fitting
    assert choose([not_fitting], python=(3, 12), platform="linux") is not_fitting, "its files are the same"
    assert not fits(not_fitting, python=(3, 12), platform="linux")
    assert fits(not_fitting, python=(3, 11), platform="linux")
    assert fits(file(ANY, requires=">=3.8.1"), python=(3, 8), platform="linux")
    assert fits(file(ANY, requires="nonsense"), python=(3, 8), platform="linux")
    assert not fits(file(SOURCE), python=(3, 8), platform="linux")


def test_other_machine() -> None:
    names = [wheel("cp311-cp311-manylinux_2_17_x86_64"), wheel("cp311-cp311-manylinux_2_17_aarch64")]
    chosen = choose([file(name) for name in names], python=(3, 11), platform="linux", machine="aarch64")
    assert chosen is not None
    assert chosen.name == names[1]


@pytest.mark.parametrize(
    ("files", "specifier", "expected"),
    [
        ([release("1.9"), release("1.10")], "", "1.10"),
        ([release("1.9"), release("1.10")], "<1.10", "1.9"),
        ([release("1.0"), release("2.0rc1")], "", "1.0"),
        ([release("1.0"), release("2.0rc1")], ">=2.0rc1", "2.0rc1"),
        ([release("2.0rc1"), release("2.0.dev2")], "", "2.0rc1"),
        ([release("1.0"), release("2.0b1")], ">1.0", "2.0b1"),
        ([release("1.0"), release("2.0", yanked="broken")], "", "1.0"),
        ([release("1.0"), release("2.0", yanked="")], ">=2", None),
        ([release("1.0"), release("2.0", yanked="")], "==2.0", "2.0"),
        ([release("1.0"), release("2.0", yanked="")], "==2.*", None),
        ([release("1.0"), release("2.0", requires=">=3.13")], "", "1.0"),
        ([release("1!0.5"), release("2.0")], "", "1!0.5"),
        ([release("1.0+local"), release("1.0")], "==1.0+local", "1.0+local"),
        ([file("alpha-3.0.exe", "3.0"), release("1.0")], "", "1.0"),
        ([file("alpha-junk.tar.gz", "junk"), release("1.0")], "", "1.0"),
        ([release("1.0")], "nonsense", None),
        ([release("1.0")], ">1.0", None),
        ([], "", None),
    ],
)
def test_newest(files: list[DistributionFile], specifier: str, expected: str | None) -> None:
    assert newest(files, specifier, python=(3, 12)) == expected
    assert newest(files[::-1], specifier, python=(3, 12)) == expected


def test_wanted_prereleases() -> None:
    assert newest([release("1.0"), release("2.0rc1")], "", python=(3, 12), prereleases=True) == "2.0rc1"
