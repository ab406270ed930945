"""The page of the architecture: files that it names are there, and its tables are those that are tested."""

import re

from tests.architecture.page import FILE, PAGE
from tests.conftest import REPOSITORY
from tests.test_layering import APP, CONTRACT_STEPS, STEPS


def test_every_file_that_the_page_names_is_there() -> None:
    names = [name for name in FILE.findall(PAGE) if not re.search(r"[A-Z]{2,}", name)]
    assert [name for name in names if not (REPOSITORY / name).exists()] == []


def test_the_table_of_app_is_that_of_the_test() -> None:
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", PAGE, re.MULTILINE)
    assert {name: frozenset(re.findall(r"`(\w+)`", imports)) for name, imports in rows} == dict(APP)


def test_the_steps_are_those_of_the_test() -> None:
    for package, steps in (("hwcore", STEPS), ("worker.contract", CONTRACT_STEPS)):
        table = PAGE.partition(f"| step of `{package}` |")[2].partition("\n\n")[0]
        rows = re.findall(r"^\| (\d+) \|([^|]*)\|", table, re.MULTILINE)
        assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
        assert tuple(frozenset(re.findall(r"`(\w+)`", packages)) for _, packages in rows) == steps
