"""Warnings are errors in every test, and no module of the packages silences one."""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGES = ("hwcore", "worker", "app", "examples", "benchmarks", "tests")
SILENCING = frozenset({"simplefilter", "filterwarnings"})
EXCUSED = {
    "tests/hwcore/uploads/mutations.py": "a zip with a name that stands twice is what it makes",
    "benchmarks/peers/badcrossbar_currents.py": "a peer's own warnings at import",
}
"""Files that silence a warning, with the reason."""


def silences(source: str) -> list[int]:
    """Lines that silence a warning, as `warnings.simplefilter("ignore")` and `mark.filterwarnings("ignore")` do."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in SILENCING
        and any(isinstance(each, ast.Constant) and str(each.value).startswith("ignore") for each in node.args)
    ]


def test_warnings_are_errors() -> None:
    options = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"][
        "ini_options"
    ]
    assert options["filterwarnings"] == ["error"]
    assert options["xfail_strict"] is True
    assert {"--strict-markers", "--strict-config"} <= set(options["addopts"].split())


def test_no_warning_is_silenced() -> None:
    paths = [path for folder in PACKAGES for path in sorted((REPOSITORY / folder).rglob("*.py"))]
    found = {str(path.relative_to(REPOSITORY)) for path in paths if silences(path.read_text(encoding="utf-8"))}
    assert sorted(found - {str(Path(__file__).relative_to(REPOSITORY))}) == sorted(EXCUSED)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("warnings.simplefilter('ignore')", True),
        ("filterwarnings('ignore', category=UserWarning)", True),
        ("@pytest.mark.filterwarnings('ignore:x')\ndef f(): ...", True),
        ("warnings.simplefilter('error')", False),
        ("warnings.catch_warnings()", False),
    ],
)
def test_silence_is_found(line: str, found: bool) -> None:
    assert bool(silences(line)) is found
