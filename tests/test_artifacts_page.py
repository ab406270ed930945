"""The page of the files that a job leaves behind describes every row of the table that writes them, and no other."""

import re

from hwcore.export import FILES
from tests.conftest import REPOSITORY

ROW = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def test_the_page_has_a_line_for_every_file() -> None:
    page = (REPOSITORY / "docs" / "reference" / "artifacts.md").read_text(encoding="utf-8")
    # The first table of the page, before its first heading of the second level.
    described = ROW.findall(page.partition("\n## ")[0])
    names = [name for name, _ in described]
    assert sorted(names) == sorted([*(file.name for file in FILES), "manifest.json"])
    assert names[-1] == "manifest.json"
