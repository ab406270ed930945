"""Recipes that add to the service, each followed in a copy of the packages: it works, and takes no other file."""

from tests.architecture.house_copy import HouseCopy
from tests.architecture.page import require_recipe

FLOAT_JOB = '''"""A job in floating point: the accuracy that a network has before it meets a chip."""

from dataclasses import replace
from typing import Literal

from pydantic import Field

from hwcore.spec.derive.work import Work
from hwcore.spec.jobs.compile_job import CompileJob


class FloatJob(CompileJob):
    """Train a network in floating point."""

    kind: Literal["float"] = Field(default="float", description="Kind of job.")

    @property
    def stages(self) -> tuple[str, ...]:
        return ("float",)

    def work(self) -> Work:
        return replace(super().work(), hardware_epochs=0, looks=1, examination=None)
'''
FLOAT_NETWORK = '''"""The work of a job in floating point."""

from hwcore.export.text import write_json
from hwcore.pipeline.parts.networks import train_float
from hwcore.pipeline.parts.run import Finished, Run
from hwcore.spec.jobs.float_job import FloatJob


def float_network(job: FloatJob, run: Run) -> Finished:
    course = job.course()
    data = run.data(course)
    run.warnings(data)
    with run.pace.stage("float"):
        _, curve = train_float(course, data, run.device, run.pace, run.keeper)
    with run.export():
        report = {"accuracy": curve[-1].validation}
        write_json(run.folder / "report.json", report)
    return Finished(report, data.dataset.origin)
'''


def test_a_kind_of_job(house: HouseCopy) -> None:
    house.write("hwcore/spec/jobs/float_job.py", FLOAT_JOB)
    kinds = "hwcore/spec/jobs/kinds.py"
    imported = "from hwcore.spec.jobs.compile_job import CompileJob\n"
    house.replace(kinds, imported, imported + "from hwcore.spec.jobs.float_job import FloatJob\n")
    house.replace(kinds, "Job = CompileJob\n", "Job = CompileJob | FloatJob\n")
    house.replace(kinds, '{"compile": CompileJob}', '{"compile": CompileJob, "float": FloatJob}')
    house.write("hwcore/pipeline/float_network.py", FLOAT_NETWORK)
    imported = "from hwcore.pipeline.compile import compile_network\n"
    house.replace(
        "hwcore/pipeline/kinds.py", imported, imported + "from hwcore.pipeline.float_network import float_network\n"
    )
    house.replace(
        "hwcore/pipeline/kinds.py", '"compile": compile_network', '"compile": compile_network, "float": float_network'
    )
    house.run(
        """
import json
from pathlib import Path
from fastapi.testclient import TestClient
from app.main import create_app
from hwcore import pipeline
from hwcore.errors import InvalidInput
from hwcore.spec import parse_job
from worker.contract import Settings
training = {"epochs": 2, "batch": 64}
job = {"kind": "float", "hardware": "ideal", "dataset": "digits", "model": {"hidden": [8]}, "training": training}
report = pipeline.run(parse_job(job), Path("out"), device="cpu", threads=1)
assert 0.3 < report["accuracy"] <= 1, report
manifest = json.loads(Path("out/manifest.json").read_text())
assert list(manifest["files"]) == ["report.json"] and manifest["job"]["kind"] == "float", manifest
try:
    parse_job({**job, "kind": "floot"})
except InvalidInput as error:
    assert "compile" in str(error) and "float" in str(error), error
else:
    raise AssertionError("a kind that is none was taken")
app = create_app(Settings(home=Path("home"), broker_url="redis+socket:///nonexistent"))
with TestClient(app) as client:
    posted = client.post("/v1/jobs", json=job)
    assert (posted.status_code, posted.json()["kind"]) == (202, "float"), posted.text
"""
    )
    require_recipe("a kind of job", house)


MATRIX = '''"""A matrix in an npy file."""

from pathlib import Path
from typing import Any

import numpy as np

from hwcore.uploads.refusal import refusal


def describe_matrix(file: Path) -> dict[str, Any]:
    try:
        matrix = np.load(file, allow_pickle=False, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise refusal("", "bytes that numpy cannot read", "an npy file with a matrix") from error
    if matrix.ndim != 2:
        raise refusal("", f"{matrix.ndim} dimensions", "an npy file with a matrix")
    return {"rows": matrix.shape[0], "cols": matrix.shape[1], "warnings": []}
'''
MATRIX_ROW = """MATRIX = UploadKind(
    name="matrix",
    check=lambda file, settings: describe_matrix(file),
    media_types=("application/octet-stream",),
    size_setting="max_dataset_bytes",
    words=Words(
        plural="matrices",
        use="is mapped",
        named="to be mapped",
        file="an npy file with a matrix",
        contents="rows, cols, warnings",
        rules="docs/howto/datasets.md",
        part="the file",
    ),
)

"""


def test_a_kind_of_upload(house: HouseCopy) -> None:
    house.write("hwcore/uploads/matrix.py", MATRIX)
    house.insert(
        "app/uploads/kinds.py", "from hwcore.uploads.matrix import describe_matrix\n", before="from worker.contract"
    )
    house.insert("app/uploads/kinds.py", MATRIX_ROW, before="KINDS")
    house.replace("app/uploads/kinds.py", "= (DATASET,)", "= (DATASET, MATRIX)")
    house.run(
        """
import io
from pathlib import Path
import numpy as np
from fastapi.testclient import TestClient
from app.main import create_app
from app.problems.reasons import REASONS
from worker.contract import Settings
file = io.BytesIO()
np.save(file, np.eye(3, 5))
app = create_app(Settings(home=Path("home"), broker_url="redis+socket:///nonexistent"))
assert "/v1/matrices/{matrix_id}" in app.openapi()["paths"] and "MATRIX_INVALID" in REASONS
headers = {"Content-Type": "application/octet-stream"}
with TestClient(app) as client:
    posted = client.post("/v1/matrices", params={"name": "eye"}, content=file.getvalue(), headers=headers)
    assert posted.status_code == 201, posted.text
    assert posted.json()["description"] == {"rows": 3, "cols": 5, "warnings": []}, posted.text
    assert client.get(posted.headers["location"]).json() == posted.json()
    refused = client.post("/v1/matrices", content=b"nothing", headers=headers)
    assert (refused.status_code, refused.json()["reason"]) == (422, "MATRIX_INVALID"), refused.text
    assert client.get("/v1/datasets").json()["datasets"] == []
    assert client.delete(posted.headers["location"]).status_code == 204
"""
    )
    require_recipe("a kind of upload", house)


def test_an_operation(house: HouseCopy) -> None:
    house.insert(
        "app/operations/table.py", 'GET_ECHO = Operation("GET", "/v1/echo/{word}", Scope.READ)\n\n', before="OPERATIONS"
    )
    house.insert("app/routes/index.py", "from app.operations.table import GET_ECHO\n", before="from app.")
    house.insert(
        "app/routes/index.py",
        '''@router.operation(GET_ECHO, summary="Say it again")
async def echo(word: str) -> dict[str, str]:
    """Answer with the word."""
    return {"word": word}


''',
        before="class IndexLinks",
    )
    house.run(
        """
from pathlib import Path
from fastapi.testclient import TestClient
from app.main import create_app
from worker.contract import Settings
app = create_app(Settings(home=Path("home"), broker_url="redis+socket:///nonexistent"))
operation = app.openapi()["paths"]["/v1/echo/{word}"]
assert operation["get"]["security"][0] == {"token": ["read"]} and "head" in operation, operation
with TestClient(app) as client:
    assert client.get("/v1/echo/mho").json() == {"word": "mho"}
    assert client.head("/v1/echo/mho").status_code == 200
"""
    )
    require_recipe("an HTTP operation", house)


def test_a_setting(house: HouseCopy) -> None:
    house.insert(
        "worker/contract/settings/settings.py",
        '    patience: float = _setting(7.5, "Seconds of patience.", gt=0)\n',
        before="    home:",
    )
    page = house.run("from worker.contract.process.settings_doc import settings_page\nprint(settings_page())")
    assert "| `MHO_PATIENCE` | `7.5` | number, more than 0 | Seconds of patience. |" in page
    require_recipe("a setting", house)
