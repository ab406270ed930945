"""Random jobs: a seeded handful of them, and that what they look for is found where it is."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import fuzz_jobs, row_store
from benchmarks.fuzzing.findings import misnamed_fields, not_finite, rebuilds
from benchmarks.fuzzing.fuzzed_job import fuzzed_job
from benchmarks.fuzzing.job import random_job
from benchmarks.fuzzing.processes import fuzzed_jobs
from hwcore.errors import InvalidInput
from hwcore.pipeline import run
from hwcore.spec import parse_job

SEED = 18
SMALL = {"dataset": "digits", "hardware": "fefet-2b", "model": {"hidden": [4]}, "training": {"epochs": 1}}


@pytest.mark.parametrize("number", [0, 1, 3, 4])
def test_random_jobs_end_well(tmp_path: Path, number: int) -> None:
    row = fuzzed_job(SEED, number, tmp_path)
    assert not fuzz_jobs.faulty(row), row
    assert row["outcome"] in ("succeeded", "refused", "failed")
    assert row["outcome"] != "succeeded" or {"conductances", "weights"} <= set(row["rebuilds"])


def test_the_same_number_is_the_same_job(tmp_path: Path) -> None:
    documents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        documents.append([random_job(SEED, number, tmp_path / name) for number in range(30)])
    assert documents[0] == documents[1]
    assert len({json.dumps(document) for document in documents[0]}) == 30
    assert (tmp_path / "one" / "data.npz").read_bytes() == (tmp_path / "two" / "data.npz").read_bytes()


def test_what_is_no_number_is_found_in_every_kind_of_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(parse_job(SMALL), out, threads=1)
    assert not list(not_finite(out))
    assert all(each.agrees for each in rebuilds(out))
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    report["layers"][1]["utilisation"] = float("inf")
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    with np.load(out / "predictions.npz", allow_pickle=False) as arrays:
        written = {name: arrays[name] for name in arrays.files}
    written["logits"][3, 2] = np.nan
    np.savez(out / "predictions.npz", **written)
    path = out / "netlist" / "fc1_0_0.sp"
    path.write_text(path.read_text(encoding="utf-8").replace("DC 0.0", "DC inf", 1), encoding="utf-8")
    found = list(not_finite(out))
    assert [each.split(" ")[0] for each in found] == [
        "netlist/fc1_0_0.sp",
        "predictions.npz/logits",
        "report.json/layers/1/utilisation",
    ]


def test_a_field_that_the_job_does_not_have_is_found() -> None:
    document = {"dataset": "digits", "hardware": {"cell": {"levels": 1, "spacing": {"type": "table"}}}}
    with pytest.raises(InvalidInput) as caught:
        parse_job(document)
    assert not list(misnamed_fields(caught.value, document))
    misplaced = [replace(fault, pointer="/hardware/cells/levels") for fault in caught.value.faults[:1]]
    (said,) = misnamed_fields(InvalidInput(misplaced), document)
    assert said == "'/hardware/cells/levels' is no field of the job"


def test_a_job_that_takes_too_long_is_ended() -> None:
    (row,) = fuzzed_jobs(SEED, [3], processes=1, longest=0.0)
    assert (row["key"], row["outcome"], row["error"]) == (f"{SEED}/3", "timed_out", "no end after 0 s")
    assert fuzz_jobs.faulty(row)


def test_a_run_goes_on_and_says_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, folder = tmp_path / "rows.jsonl", tmp_path / "results"
    clean = {"outcome": "succeeded", "error": None, "not_finite": [], "rebuilds": {"weights": 1e-15}}
    clean |= {"rebuild_off": False, "seconds": 0.5, "compared": [40, 50]}
    faults = [
        {},
        {"outcome": "internal", "error": "KeyError"},
        {"not_finite": ["report.json/x"]},
        {"rebuild_off": True},
    ]
    for number, fault in enumerate(faults):
        row_store.append(rows, {"key": f"{SEED}/{number}", "number": number, **clean, **fault})
    arguments = ["--jobs", "5", "--seed", str(SEED), "--out", str(rows), "--results", str(folder)]
    assert fuzz_jobs.main(arguments) == 1
    assert set(row_store.read(rows)) == {f"{SEED}/{number}" for number in range(5)}
    document = json.loads((folder / "fuzz_jobs.json").read_text(encoding="utf-8"))
    values = {name: figure["value"] for name, figure in document["figures"].items()}
    assert values == {"jobs_fuzzed": 5, "internal": 1, "not_finite": 1, "rebuilds_off": 1, "timed_out": 0}
    first, *faulty = document["rows"]
    assert sum(first["outcomes"].values()) == 5
    assert first["images"]["rebuilt"] - first["images"]["compared"] >= 40
    assert [row["number"] for row in faulty] == [1, 2, 3]
    assert "internal" in capsys.readouterr().out
