"""What may import what, as a table, and the check that it holds. A package that is not in the table fails."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.layering import Rules, faults

# Inside hwcore each part may import what stands on a lower step; neighbours on one step do not import each other.
STEPS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "units", "media_types", "environment", "progress", "processors", "streams", "snapshot"}),
    frozenset({"spec"}),
    frozenset({"uploads", "mapping"}),
    frozenset({"quant", "devices", "converters", "wires", "datasets"}),
    frozenset({"digital"}),
    frozenset({"crossbar"}),
    frozenset({"layers"}),
    frozenset({"training"}),
    frozenset({"report"}),
    frozenset({"export"}),
    frozenset({"pipeline"}),
)

# The bare package "hwcore" is its version and nothing else, so everyone may name it.
TABLE: dict[str, frozenset[str]] = {"hwcore": frozenset()}
for number, step in enumerate(STEPS):
    lower = frozenset({"hwcore"}).union(*({f"hwcore.{name}" for name in below} for below in STEPS[:number]))
    TABLE.update({f"hwcore.{name}": lower for name in step})
HWCORE = frozenset(TABLE)

# Inside worker.contract it is as inside hwcore; only the package itself, which re-exports, knows all of it.
CONTRACT_STEPS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "ids", "states"}),
    frozenset({"database", "paging"}),
    frozenset({"access", "blobs"}),
    frozenset({"uploads"}),
    frozenset({"jobs"}),
    frozenset({"settings"}),
    frozenset({"artifacts", "broker"}),
    frozenset({"process"}),
    frozenset({"embedded", "upkeep"}),
)
BELOW_CONTRACT = frozenset({"hwcore", "hwcore.spec", "hwcore.errors", "hwcore.media_types", "hwcore.progress"})
for number, step in enumerate(CONTRACT_STEPS):
    lower = BELOW_CONTRACT.union(*({f"worker.contract.{name}" for name in below} for below in CONTRACT_STEPS[:number]))
    TABLE.update({f"worker.contract.{name}": lower for name in step})
CONTRACT = frozenset(unit for unit in TABLE if unit.startswith("worker.contract.")) | {"worker.contract"}
TABLE["worker.contract"] = BELOW_CONTRACT | CONTRACT

# The sitters speak with the processes that they look after, and know nothing of what these compute.
TABLE["worker"] = frozenset()
TABLE["worker.babysit"] = CONTRACT | {f"hwcore.{name}" for name in ("errors", "processors", "progress", "spec")}
TABLE["worker.run"] = CONTRACT | HWCORE | {"worker.babysit"}
TABLE["worker.celery_app"] = CONTRACT | {"worker.babysit"}
TABLE["worker.worker_command"] = CONTRACT
TABLE["worker.compile_display"] = CONTRACT | {"hwcore.errors", "hwcore.progress", "worker.babysit"}
TABLE["worker.compile_command"] = CONTRACT | HWCORE | {"worker.compile_display"}

# Inside app, what each part may import of the others; below them all are the parts of hwcore and worker that need no
# torch. The client is for other programs as well: it knows no part of the server.
BELOW_APP = frozenset({"hwcore", "hwcore.spec", "hwcore.errors", "hwcore.media_types", "hwcore.uploads"}) | CONTRACT
APP: dict[str, frozenset[str]] = {
    "uploads": frozenset(),
    "problems": frozenset({"uploads"}),
    "operations": frozenset({"uploads"}),
    "answers": frozenset(),
    "files": frozenset({"problems"}),
    "conductances": frozenset({"files"}),
    "asgi": frozenset({"operations", "problems"}),
    "services": frozenset({"answers", "asgi", "uploads"}),
    "requests": frozenset({"answers", "asgi", "files", "operations", "problems", "services", "uploads"}),
    "routes": frozenset(
        {"answers", "conductances", "files", "operations", "problems", "requests", "services", "uploads"}
    ),
    "main": frozenset({"asgi", "operations", "problems", "routes", "services", "uploads"}),
    "serving": frozenset({"asgi", "main", "problems", "services"}),
    "client": frozenset(),
    "cli": frozenset({"client", "problems", "requests", "serving"}),
}
TABLE["app"] = frozenset()
for name, parts in APP.items():
    TABLE[f"app.{name}"] = BELOW_APP.union({"app"}, {f"app.{part}" for part in parts})

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
        "hwcore.media_types": frozenset({"torch"}),
        "hwcore.environment": frozenset({"torch"}),
        "hwcore.progress": frozenset({"torch"}),
        "hwcore.processors": frozenset({"torch"}),
        "hwcore.spec": frozenset({"torch"}),
        "hwcore.uploads": frozenset({"torch"}),
        "hwcore.datasets": frozenset({"torch"}),
        "worker": frozenset({"fastapi", "starlette", "uvicorn", "typer"}),
        "worker.contract": frozenset({"torch"}),
        "worker.babysit": frozenset({"torch"}),
        "app": frozenset({"torch", "celery", "kombu", "redis", "sqlalchemy", "alembic"}),
    },
    split=frozenset({"hwcore", "worker", "worker.contract", "app"}),
    free=frozenset({"tests", "examples", "benchmarks"}),
)


def test_nothing_imports_what_it_may_not() -> None:
    found = faults(REPOSITORY, RULES)
    assert not found, "\n" + "\n".join(found)


def circle_in(table: Mapping[str, frozenset[str]]) -> list[str]:
    """Names that import each other in a circle, or that import something of which the table says nothing."""
    left = dict(table)
    while free := [name for name, needed in left.items() if not needed & left.keys()]:
        for name in free:
            del left[name]
    unknown = frozenset().union(*table.values()) - table.keys()
    return sorted(left.keys() | unknown)


def test_the_table_of_app_has_no_circle() -> None:
    assert circle_in(APP) == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}, ["a", "b", "c"]),
        ({"a": {"b"}}, ["b"]),
        ({"a": {"b"}, "b": set()}, []),
    ],
)
def test_a_circle_is_found(table: dict[str, set[str]], expected: list[str]) -> None:
    assert circle_in({name: frozenset(needed) for name, needed in table.items()}) == expected


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
    "worker/run/share.py": "from hwcore.quant import x\nfrom worker.contract import state\n",
    "worker/contract/__init__.py": "from hwcore.spec import Cell\nfrom worker.contract.jobs import job_store\n",
    "worker/contract/errors.py": "",
    "worker/contract/database/tables.py": "from worker.contract import errors\n",
    "worker/contract/jobs/job_store.py": "import worker.contract.ids\nfrom worker.contract.database import tables\n",
    "worker/contract/ids.py": "import uuid\n",
    "app/__init__.py": "",
    "app/main.py": "import fastapi\nfrom worker.contract import state\nfrom app.routes.jobs import router\n",
    "app/routes/jobs.py": "from app.problems.problem import Problem\n",
    "app/problems/problem.py": "import fastapi\n",
    "app/client/client.py": "import httpx\nfrom hwcore.errors import Fault\n",
    "app/cli/get.py": "from app.client.client import Client\n",
    "app/cli/serve.py": "def serve():\n    import_module('app.serving.server')\n",
    "app/serving/server.py": "from app.main import create_app\n",
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
            "hwcore.spec imports hwcore.quant; allowed: hwcore, hwcore.environment, hwcore.errors",
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
            "hwcore.quant imports app.main; allowed",
        ),
        ("app/cli/bad.py", "def f():\n    import_module('worker.run')", "app.cli imports worker.run; allowed"),
        ("hwcore/quant/bad.py", "__import__('worker.contract')", "hwcore.quant imports worker.contract; allowed"),
        ("hwcore/quant/bad.py", "if TYPE_CHECKING:\n    import worker", "hwcore.quant imports worker; allowed"),
        ("hwcore/quant/bad.py", "import celery.app", "hwcore.quant imports celery, which has no place there"),
        ("hwcore/spec/bad.py", "import torch", "hwcore.spec imports torch, which has no place there"),
        ("hwcore/quant/bad.py", "from tests import conftest", "nothing imports tests"),
        ("worker/bad.py", "", "worker/bad.py is not declared: add worker.bad"),
        ("worker/run/bad.py", "import app.main", "worker.run imports app.main; allowed"),
        ("worker/babysit/bad.py", "from worker.run import share", "worker.babysit imports worker.run; allowed"),
        ("worker/babysit/bad.py", "from hwcore import quant", "worker.babysit imports hwcore.quant; allowed"),
        ("worker/contract/bad.py", "", "worker/contract/bad.py is not declared: add worker.contract.bad"),
        ("worker/contract/bad/x.py", "", "worker/contract/bad is not declared: add worker.contract.bad"),
        ("worker/contract/jobs/bad.py", "import worker.run", "worker.contract.jobs imports worker.run; allowed"),
        ("worker/contract/jobs/bad.py", "import hwcore.quant", "worker.contract.jobs imports hwcore.quant; allowed"),
        ("worker/contract/jobs/bad.py", "import torch", "worker.contract.jobs imports torch, which has no place there"),
        (
            "worker/contract/database/bad.py",
            "from worker.contract.jobs.job_store import JobStore",
            "worker.contract.database imports worker.contract.jobs; allowed",
        ),
        (
            "worker/contract/jobs/bad.py",
            "from worker.contract import JobStore",
            "worker.contract.jobs imports worker.contract; allowed",
        ),
        ("app/bad.py", "", "app/bad.py is not declared: add app.bad"),
        ("app/routes/bad.py", "from worker import run", "app.routes imports worker.run; allowed"),
        ("app/cli/bad.py", "from hwcore.quant import x", "app.cli imports hwcore.quant; allowed"),
        ("app/cli/bad.py", "import celery", "app.cli imports celery, which has no place there"),
        ("app/client/bad.py", "from app.problems import problem", "app.client imports app.problems; allowed"),
        ("app/client/bad.py", "import app.cli.get", "app.client imports app.cli; allowed"),
        ("app/problems/bad.py", "from app.main import create_app", "app.problems imports app.main; allowed"),
    ],
)
def test_each_breach_is_found(tmp_path: Path, name: str, text: str, expected: str) -> None:
    build(tmp_path, SOUND | {name: text})
    found = faults(tmp_path, RULES)
    assert any(expected in line for line in found), found
    assert all(name in line or "is not declared" in line for line in found), found
