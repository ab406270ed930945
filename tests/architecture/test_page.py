"""The page of the architecture: files that it names are there, and its table of `app` is the one that is tested."""

import re

from tests.architecture.page import FILE, PAGE
from tests.conftest import REPOSITORY
from tests.test_layering import APP


def test_every_file_that_the_page_names_is_there() -> None:
    names = [name for name in FILE.findall(PAGE) if not re.search(r"[A-Z]{2,}", name)]
    assert [name for name in names if not (REPOSITORY / name).exists()] == []


def test_the_table_of_app_is_that_of_the_test() -> None:
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", PAGE, re.MULTILINE)
    assert {name: frozenset(re.findall(r"`(\w+)`", imports)) for name, imports in rows} == dict(APP)
