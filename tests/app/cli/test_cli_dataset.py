"""`mho dataset`: add, list, remove."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli.program import run
from tests.app.live_server import LiveServer
from tests.hwcore.uploads.files import arrays, digits_arrays, write_npz


@pytest.fixture(autouse=True)
def _this_server(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MHO_URL", server.url)


def test_a_dataset_is_added_listed_and_removed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = write_npz(tmp_path / "digits of mine.npz", digits_arrays())
    assert run(["dataset", "add", str(path)]) == 0
    out, err = capsys.readouterr()
    assert err == "8 x 8, 10 classes, 1438 images to train on, 359 to test on\n"
    dataset_id = out.strip()
    assert run(["dataset", "add", str(path), "--name", "again", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == dataset_id
    assert run(["dataset", "list", "--limit", "1"]) == 0
    head, row = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert head[:4] == ["id", "size", "shape", "classes"]
    size = str(path.stat().st_size)
    assert row[:6] == [dataset_id, size, "8 x 8", "10", "1438", "359"]
    assert row[7] == "digits of mine.npz"
    assert run(["dataset", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["datasets"][0]["id"] == dataset_id
    assert run(["dataset", "remove", dataset_id]) == 0
    assert run(["dataset", "remove", dataset_id]) == 2
    assert "No such dataset" in capsys.readouterr().err


def test_warnings_and_refusals_are_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    faint = write_npz(tmp_path / "faint.npz", {**digits_arrays(), "full_scale": 200})
    assert run(["dataset", "add", str(faint)]) == 0
    assert "\nmho: warning: /dataset: the largest value is 16 of a full scale of 200" in capsys.readouterr().err
    bad = write_npz(tmp_path / "bad.npz", {**arrays(), "z": [1]})
    assert run(["dataset", "add", str(bad)]) == 2
    assert "mho: z: got an array of this name; allowed: x_train" in capsys.readouterr().err
    assert run(["dataset", "add", str(tmp_path / "nothing.npz")]) == 2
    assert "nothing.npz: cannot be read: No such file or directory; allowed: an npz" in capsys.readouterr().err
    assert run(["dataset", "add", str(faint), "--url", "http://127.0.0.1:9"]) == 3


def test_channels_series_and_numbers_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    colours = {**arrays(shape=(6, 5, 3)), "channel_axis": -1}
    series = {"x": generator.integers(-99, 100, (50, 4, 7)).astype(np.int8), "y": np.arange(50) % 2, "channel_axis": 1}
    numbers = {
        "x": generator.normal(size=(50, 9)).clip(-3, 3),
        "y": np.linspace(0, 1, 50),
        "signed": 1,
        "full_scale": 3,
    }
    told = ("3 x 6 x 5, 4 classes, 40", "4 x 7, 2 classes, 40", "1 x 9, 1 numbers, 40")
    for name, made, words in zip(("colours", "series", "numbers"), (colours, series, numbers), told, strict=True):
        assert run(["dataset", "add", str(write_npz(tmp_path / f"{name}.npz", made))]) == 0
        out, err = capsys.readouterr()
        assert err.startswith(f"{words} images to train on")
        dataset_id = out.strip()
        metric = {"metric": "mean_squared_error"} if name == "numbers" else {}
        job = {"hardware": "sram-4b", "dataset": {"type": "uploaded", "id": dataset_id}, **metric}
        (tmp_path / "job.json").write_text(json.dumps(job))
        assert run(["validate", str(tmp_path / "job.json"), "--json"]) == 0
        contents = json.loads(capsys.readouterr().out)["job"]["dataset"]["contents"]
        said = {key: contents[key] for key in ("channels", "series", "signed", "targets") if contents.get(key)}
        assert (
            said
            == {
                "colours": {"channels": 3},
                "series": {"channels": 4, "series": True, "signed": True},
                "numbers": {"signed": True, "targets": "numbers"},
            }[name]
        )
        assert run(["dataset", "remove", dataset_id]) == 0
