"""The page docs/architecture.md, its recipes, and the check that a recipe names the files that it takes."""

import re

from tests.architecture.house_copy import HouseCopy
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
RECIPE = re.compile(r"^### To add (.*)\n((?:(?!###? ).*\n)*)", re.MULTILINE)
FILE = re.compile(r"`((?:hwcore|worker|app|docs)/[^`]*)`")
RECIPES = {title: FILE.findall(text) for title, text in RECIPE.findall(PAGE)}
"""The files that each recipe names, in its order."""


def require_recipe(title: str, house: HouseCopy) -> None:
    """Fail where the page names other files than were touched; a name in capitals stands for the new one."""
    named = {name for name in RECIPES[title] if name.startswith(("hwcore/", "worker/", "app/"))}
    patterns = {re.compile(re.sub(r"[A-Z_]{2,}", ".+", re.escape(name)) + "$"): name for name in named}
    matched = {
        touched: [name for pattern, name in patterns.items() if pattern.match(touched)] for touched in house.touched
    }
    assert all(matched.values()), (
        f"{title}: the page does not name {[each for each, names in matched.items() if not names]}"
    )
    assert named == {name for names in matched.values() for name in names}, (
        f"{title}: the page names more than it takes"
    )
