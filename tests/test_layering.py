"""What may import what, as a table, and the check that it holds. A package that is not in the table fails."""

from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.layering import Rules, faults

# Inside hwcore each part may import what stands on a lower step; neighbours on one step do not import each other.
STEPS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "units", "progress", "processors", "streams", "snapshot"}),
    frozenset({"spec"}),
    frozenset({"uploads"}),
    frozenset({"quant", "devices", "mapping", "converters", "wires", "datasets"}),
    frozenset({"digital"}),
    frozenset({"crossbar"}),
    frozenset({"layers"}),
    frozenset({"training", "export", "plots"}),
    frozenset({"pipeline"}),
)

# The bare package "hwcore" is its version and nothing else, so everyone may name it.
TABLE: dict[str, frozenset[str]] = {"hwcore": frozenset()}
for number, step in enumerate(STEPS):
    lower = frozenset({"hwcore"}).union(*({f"hwcore.{name}" for name in below} for below in STEPS[:number]))
    TABLE.update({f"hwcore.{name}": lower for name in step})
TABLE["worker"] = frozenset(TABLE) | {"worker.contract"}
TABLE["worker.contract"] = frozenset({"hwcore", "hwcore.spec", "hwcore.errors", "hwcore.progress"})
TABLE["app"] = frozenset({"hwcore", "hwcore.spec", "hwcore.errors", "hwcore.uploads", "worker.contract"})

SERVICE = frozenset(
    {
        "fastapi",
        "starlette",
        "uvicorn",
        "httpx",
        "celery",
        "kombu",
        "redis",
        "sqlalchemy",
        "alembic",
        "pydantic_settings",
    }
)
RULES = Rules(
    allowed=TABLE,
    forbidden={
        "hwcore": SERVICE | {"typer", "rich"},
        "hwcore.errors": frozenset({"torch"}),
        "hwcore.units": frozenset({"torch"}),
        "hwcore.progress": frozenset({"torch"}),
        "hwcore.processors": frozenset({"torch"}),
        "hwcore.spec": frozenset({"torch"}),
        "hwcore.uploads": frozenset({"torch"}),
        "hwcore.datasets": frozenset({"torch"}),
        "worker": frozenset({"fastapi", "starlette", "uvicorn", "typer"}),
        "worker.contract": frozenset({"torch"}),
        "app": frozenset({"torch", "celery", "kombu", "redis", "sqlalchemy", "alembic"}),
    },
    split=frozenset({"hwcore"}),
    free=frozenset({"tests", "examples", "benchmarks"}),
)


def test_nothing_imports_what_it_may_not() -> None:
    found = faults(REPOSITORY, RULES)
    assert not found, "\n" + "\n".join(found)


def build(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


SOUND = {
    "hwcore/__init__.py": "",
    "hwcore/errors.py": "import json\n",
    "hwcore/spec/__init__.py": "from hwcore.spec.cell import Cell\nfrom hwcore import errors\n",
    "hwcore/spec/cell.py": "from . import table\nclass Cell: ...\n",
    "hwcore/spec/table.py": "import hwcore.errors\n",
    "hwcore/quant/__init__.py": "import torch\nfrom hwcore.spec import Cell\n",
    "worker/__init__.py": "",
    "worker/run.py": "from hwcore.quant import x\nfrom worker.contract import state\n",
    "worker/contract/__init__.py": "from hwcore.spec import Cell\n",
    "app/__init__.py": "",
    "app/main.py": "import fastapi\nfrom worker.contract import state\n",
    "tests/test_x.py": "import hwcore.quant, app.main\n",
}


def test_sound_example_has_no_fault(tmp_path: Path) -> None:
    build(tmp_path, SOUND)
    assert faults(tmp_path, RULES) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "hwcore/spec/bad.py",
            "from hwcore.quant import x",
            "hwcore.spec imports hwcore.quant; allowed: hwcore, hwcore.errors",
        ),
        ("hwcore/spec/bad.py", "import hwcore.quant.x as y", "hwcore.spec imports hwcore.quant; allowed"),
        ("hwcore/spec/bad.py", "from hwcore import quant", "hwcore.spec imports hwcore.quant; allowed"),
        ("hwcore/mapping/__init__.py", "import hwcore.quant", "hwcore.mapping imports hwcore.quant; allowed"),
        ("hwcore/bad.py", "", "hwcore/bad.py is not declared: add hwcore.bad"),
        ("hwcore/bad/__init__.py", "", "hwcore/bad is not declared: add hwcore.bad"),
        ("hwcore/bad/deep/x.py", "", "hwcore/bad is not declared: add hwcore.bad"),
        ("plugins/x.py", "", "plugins/ is not declared"),
        ("hwcore/quant/bad.py", "def f():\n    import hwcore.spec", "imports hwcore.spec inside a function"),
        (
            "hwcore/quant/bad.py",
            "class A:\n    async def f(self):\n        from hwcore import spec",
            "inside a function",
        ),
        ("hwcore/quant/bad.py", "from ..spec import Cell", "imports hwcore.spec relatively, beyond its own package"),
        ("hwcore/quant/bad.py", "from .. import pipeline_of_old", "imports hwcore relatively"),
        (
            "hwcore/quant/bad.py",
            "import importlib\nimportlib.import_module('app.main')",
            "hwcore.quant imports app; allowed",
        ),
        ("hwcore/quant/bad.py", "__import__('worker.contract')", "hwcore.quant imports worker.contract; allowed"),
        ("hwcore/quant/bad.py", "if TYPE_CHECKING:\n    import worker", "hwcore.quant imports worker; allowed"),
        ("hwcore/quant/bad.py", "import celery.app", "hwcore.quant imports celery, which has no place there"),
        ("hwcore/spec/bad.py", "import torch", "hwcore.spec imports torch, which has no place there"),
        ("hwcore/quant/bad.py", "from tests import conftest", "nothing imports tests"),
        ("worker/bad.py", "import app.main", "worker imports app; allowed"),
        ("worker/contract/bad.py", "import worker.run", "worker.contract imports worker; allowed"),
        ("worker/contract/bad.py", "from hwcore import quant", "worker.contract imports hwcore.quant; allowed"),
        ("worker/contract/bad.py", "from torch import nn", "worker.contract imports torch, which has no place there"),
        ("app/bad.py", "from worker import run", "app imports worker; allowed"),
        ("app/cli/bad.py", "from hwcore.quant import x", "app imports hwcore.quant; allowed"),
        ("app/cli/bad.py", "import celery", "app imports celery, which has no place there"),
    ],
)
def test_each_breach_is_found(tmp_path: Path, name: str, text: str, expected: str) -> None:
    build(tmp_path, SOUND | {name: text})
    found = faults(tmp_path, RULES)
    assert any(expected in line for line in found), found
    assert all(name in line or "is not declared" in line for line in found), found
