"""Rules about files: their length, their names, and an `__init__.py` in every package folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SOURCE = ("hwcore", "worker", "app", "tests", "examples", "benchmarks")
PACKAGES = ("hwcore", "worker", "app", "tests")
# A name that says nothing collects everything.
EMPTY_WORDS = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "misc"})
LONGEST = 400
REASON = "long because"
# Alembic loads its scripts by path; they are data of the package, not modules of it.
WITHOUT_INIT = frozenset({"migrations", "versions"})


def sources(root: Path, folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


def faults(root: Path) -> list[str]:
    found = []
    for path in sources(root, SOURCE):
        name = path.relative_to(root)
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > LONGEST and REASON not in " ".join(lines[:10]).lower():
            found.append(
                f"{name}: {len(lines)} lines, above {LONGEST}: split it, or say in its first lines '{REASON} ...'"
            )
        for part in name.with_suffix("").parts:
            if EMPTY_WORDS & set(part.lower().split("_")):
                found.append(f"{name}: '{part}' says nothing; name the concept that it holds")
    for folder in sorted({path.parent for path in sources(root, PACKAGES)}):
        while folder != root and folder.name not in WITHOUT_INIT:
            if not (folder / "__init__.py").is_file():
                found.append(f"{folder.relative_to(root)}/ has no __init__.py")
            folder = folder.parent
    return sorted(set(found))


def test_every_file_keeps_the_rules() -> None:
    found = faults(REPOSITORY)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("hwcore/quant/utils.py", "", "'utils' says nothing"),
        ("app/job_manager.py", "", "'job_manager' says nothing"),
        ("worker/common/x.py", "", "'common' says nothing"),
        ("hwcore/quant/x.py", "\n" * 401, "401 lines, above 400"),
        ("tests/app/test_x.py", "", "tests/app/ has no __init__.py"),
        ("hwcore/quant/deep/__init__.py", "", "hwcore/quant/ has no __init__.py"),
    ],
)
def test_each_breach_is_found(tmp_path: Path, name: str, text: str, expected: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert any(expected in line for line in faults(tmp_path)), faults(tmp_path)


def test_a_long_file_may_give_its_reason(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text('"""Tables. Long because the standard lists them all."""\n' + "\n" * 401)
    assert faults(tmp_path) == []
