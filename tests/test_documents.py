"""Documents: links lead to files and headings that are there, and every decision is in the index."""

import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
ANCHOR = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
NAMED = re.compile(r"`((?:hwcore|worker|app|tests|examples|benchmarks)/[\w/.-]+)`")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def documents() -> list[Path]:
    return [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_between_files_lead_somewhere(path: Path) -> None:
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    broken = [link for link in links if not (path.parent / link).exists()]
    assert not broken, f"{path.relative_to(REPOSITORY)} links to what is not there: {broken}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_files_that_are_named_are_there(path: Path) -> None:
    if path.name == "CHANGELOG.md":
        return  # It tells of what was.
    # A name in capitals stands for one of several.
    names = [name for name in NAMED.findall(path.read_text(encoding="utf-8")) if not re.search(r"/[A-Z]{2,}", name)]
    missing = [name for name in names if not (REPOSITORY / name).exists()]
    assert not missing, f"{path.relative_to(REPOSITORY)} names files that are not there: {missing}"


def anchors(path: Path) -> set[str]:
    """The names by which links reach the headings of a document."""
    headings = HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_to_headings_lead_somewhere(path: Path) -> None:
    links = [(link, anchor) for link, anchor in ANCHOR.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    targets = [(path.parent / link if link else path, anchor) for link, anchor in links]
    broken = [f"{target.name}#{anchor}" for target, anchor in targets if anchor not in anchors(target)]
    assert not broken, f"{path.relative_to(REPOSITORY)} links to headings that are not there: {broken}"


def test_the_index_has_every_decision_in_order() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    assert LINK.findall((folder / "README.md").read_text(encoding="utf-8"))[1:] == files
    # A number may be missing, taken by work that has not landed; none stands twice.
    assert len({name[:4] for name in files}) == len(files)
