"""`mho compile` on a user's data: the same digits give the same network from a file as from the package."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.hwcore.uploads.files import arrays, digits_arrays, write_npz
from worker.compile_command import EXIT_DONE, EXIT_INVALID, compile_job

ID = "01900000-0000-7000-8000-000000000000"
JOB: dict[str, Any] = {
    "hardware": "sram-4b",
    "model": {"hidden": [16]},
    "training": {"epochs": 2},
    "evaluation": {"chips": 2},
}


def compiled(folder: Path, name: str, dataset: Any, dataset_file: Path | None = None) -> tuple[int, Path]:
    """Run a job, to its exit code and output folder."""
    job, out = folder / f"{name}.json", folder / name
    job.write_text(json.dumps({**JOB, "dataset": dataset}))
    return compile_job(job, out, threads=1, dataset_file=dataset_file), out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    write_npz(folder / "own.npz", digits_arrays())
    assert compiled(folder, "bundled", "digits")[0] == EXIT_DONE
    return folder


def report(out: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((out / "report.json").read_text())
    return written


def test_the_bundled_digits_as_a_file_give_the_same_network(folder: Path) -> None:
    code, out = compiled(folder, "file", {"type": "file", "path": "own.npz"})
    assert code == EXIT_DONE
    for name in ("conductances.npz", "weights.safetensors", "predictions.npz", "tiles.json"):
        assert (out / name).read_bytes() == (folder / "bundled" / name).read_bytes()
    assert report(out)["ladder"] == report(folder / "bundled")["ladder"]
    contents = json.loads((out / "manifest.json").read_text())["job"]["dataset"]["contents"]
    assert report(out)["dataset"]["name"] == f"own data {contents['sha256'][:12]}"
    assert (contents["height"], contents["width"], contents["classes"]) == (8, 8, 10)


def test_a_job_of_the_service_runs_on_the_file_that_was_uploaded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uploaded = {"type": "uploaded", "id": ID}
    assert compiled(folder, "asked", uploaded)[0] == EXIT_INVALID
    assert "no service to ask for them; allowed: with --dataset FILE" in capsys.readouterr().err
    code, out = compiled(folder, "uploaded", uploaded, folder / "own.npz")
    assert code == EXIT_DONE
    resolved = json.loads((out / "manifest.json").read_text())["job"]["dataset"]
    assert compiled(folder, "again", resolved, folder / "own.npz")[0] == EXIT_DONE
    assert (folder / "again" / "report.json").read_bytes() == (out / "report.json").read_bytes()
    other = write_npz(folder / "other.npz", arrays())
    assert compiled(folder, "mistaken", resolved, other)[0] == EXIT_INVALID
    assert "dataset.contents.sha256: the data are others: got" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("dataset", "given", "message"),
    [
        ("digits", "own.npz", 'dataset: got "digits" beside the file own.npz; allowed: an object with "type" "file"'),
        ({"type": "file", "path": "nothing.npz"}, None, "nothing.npz: got No such file or directory; expected a file"),
        ({"type": "file", "path": "own.json"}, None, "the file: got bytes 0x"),
    ],
)
def test_contradictions_are_refused_before_anything_runs(
    folder: Path, capsys: pytest.CaptureFixture[str], dataset: Any, given: str | None, message: str
) -> None:
    (folder / "own.json").write_text("{}" * 20)
    code, out = compiled(folder, "refused", dataset, None if given is None else folder / given)
    assert code == EXIT_INVALID
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_vectors_of_features_are_trained_on(folder: Path) -> None:
    generator = np.random.default_rng(5)
    labels = np.arange(120) % 3
    features = np.clip(0.3 * labels[:, None] + 0.1 * generator.standard_normal((120, 7)) + 0.2, 0, 1)
    write_npz(folder / "vectors.npz", {"x": features, "y": labels})
    code, out = compiled(folder, "vectors", {"type": "file", "path": "vectors.npz"})
    assert code == EXIT_DONE
    assert [layer["rows"] for layer in report(out)["layers"]] == [7, 16]


def test_data_of_one_class_and_a_chip_of_one_sign_are_warned_of_on_standard_error_and_in_the_report(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = arrays(train=20, classes=2)
    saved["y_train"][:], saved["y_test"][:] = 1, 1
    write_npz(folder / "one.npz", saved)
    out = folder / "warned"
    cell = {"levels": 4, "g_max": 9e-6, "on_off_ratio": 8, "negative": {"gain": 0.05}}
    short = {**JOB, "hardware": {"cell": cell}, "training": {"epochs": 1}, "model": {"hidden": []}}
    (folder / "warned.json").write_text(json.dumps({**short, "dataset": {"type": "file", "path": "one.npz"}}))
    assert compile_job(folder / "warned.json", out, threads=1) == EXIT_DONE
    found = report(out)["warnings"]
    assert [(each["field"], each["message"].partition(":")[0]) for each in found] == [
        ("/hardware/cell", "No negative weight is representable"),
        ("/hardware/cell", "Zero is not representable; the nearest weight is 675 nS, 8 % of the largest."),
        ("/dataset", "1 of 2 classes have no image to train on"),
        ("/dataset", "every image to train on is of class 1"),
        ("/dataset", "1 of 2 classes have no image to test on"),
        ("/dataset", "every image to test on is of class 1"),
    ]
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mho: warning: ")]
    assert warnings == [f"mho: warning: {each['field']}: {each['message']}" for each in found]
