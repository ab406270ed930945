"""A whole job on the digits: its files, its report, its progress."""

import hashlib
import json
import stat
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from hwcore.datasets import load
from hwcore.errors import Cancelled, InvalidInput, TrainingFailed
from hwcore.pipeline import run
from hwcore.spec import looks, parse_job, presets
from tests.hwcore.pipeline.conftest import Finished
from tests.hwcore.pipeline.small_jobs import (
    ARTIFACTS,
    CELL,
    HARDWARE,
    STAGES,
    contents,
    digests,
    everything_below,
    job,
    tiny,
)

TEST_IMAGES = len(load("digits").test_labels)


def compiled(out: Path, chosen: Any) -> dict[str, Any]:
    return run(chosen, out, device="cpu", threads=1)


def rungs(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {rung["stage"]: rung for rung in report["ladder"]}


def test_every_promised_file_and_no_other(finished: Finished) -> None:
    assert {path.name for path in finished.out.iterdir()} == ARTIFACTS
    assert {path.name for path in finished.out.parent.iterdir()} == {"out"}


def test_the_folder_is_as_open_as_any_other(finished: Finished, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    assert stat.S_IMODE(finished.out.stat().st_mode) == stat.S_IMODE((tmp_path / "made").stat().st_mode)


def test_the_report_that_is_returned_is_the_one_in_the_file(finished: Finished) -> None:
    assert json.loads((finished.out / "report.json").read_text(encoding="utf-8")) == finished.report


def test_the_manifest_is_true(finished: Finished) -> None:
    manifest = json.loads((finished.out / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == set(contents(finished.out)) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        content = (finished.out / name).read_bytes()
        assert entry["size"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert parse_job(manifest["job"]) == finished.job.resolved()
    assert manifest["seed"] == 0
    assert manifest["versions"]["torch"] == version("torch")
    assert set(manifest["run"]["seconds"]) == {"data", "float", "hardware_aware", "mapping", "evaluation", "export"}
    assert all(seconds >= 0 for seconds in manifest["run"]["seconds"].values())
    assert all(peak > 1e7 for peak in manifest["run"]["peak_resident_bytes"].values())
    assert manifest["run"]["machine"]["threads"] == 1
    assert manifest["run"]["machine"]["device"] == "cpu"


def test_the_ladder(finished: Finished) -> None:
    ladder = finished.report["ladder"]
    assert [rung["stage"] for rung in ladder] == ["float", "rounded", "hardware_aware", "programming", "all@0"]
    # The only effect is all there is: the same chips, under another name.
    assert {**ladder[4], "stage": "programming"} == ladder[3]
    for rung in ladder:
        assert rung["count"] == TEST_IMAGES
        assert 0 <= rung["accuracy"] <= 1
    for rung in ladder[:3]:
        assert (rung["chips"], rung["std"]) == (None, None)
        assert rung["accuracy"] * TEST_IMAGES == pytest.approx(round(rung["accuracy"] * TEST_IMAGES), abs=1e-9)
        low, high = rung["ci95"]
        assert low < rung["accuracy"] < high
    drawn = ladder[3]
    accuracies = np.array(drawn["chip_accuracies"])
    assert drawn["chips"] == len(accuracies) == 4
    assert drawn["accuracy"] == pytest.approx(accuracies.mean(), rel=1e-12)
    assert drawn["std"] == pytest.approx(accuracies.std(ddof=1), rel=1e-9)
    assert drawn["std"] > 0
    assert drawn["p05"] == pytest.approx(np.percentile(accuracies, 5), rel=1e-12)
    assert drawn["target_accuracy"] == pytest.approx(ladder[2]["accuracy"] - 0.01, rel=1e-12)
    assert drawn["yield"] == (accuracies >= drawn["target_accuracy"] - 1e-9).mean()


def test_the_point_of_it_all(finished: Finished) -> None:
    accuracy = {stage: rung["accuracy"] for stage, rung in rungs(finished.report).items()}
    assert accuracy["float"] > 0.93
    assert accuracy["hardware_aware"] > 0.9
    assert accuracy["hardware_aware"] > accuracy["rounded"]


def test_the_rest_of_the_report(finished: Finished) -> None:
    report = finished.report
    assert report["format"] == "mho.report/1"
    assert (report["name"], report["labels"], report["method"], report["seed"]) == ("small", {"lot": "7"}, "smooth", 0)
    images = report["dataset"]
    assert images["test_images"] == TEST_IMAGES
    assert images["training_images"] + images["held_out_images"] + TEST_IMAGES == 1797
    assert images["held_out_images"] == round(0.1 * (1797 - TEST_IMAGES))
    assert 0 <= report["mapping"]["largest_relative_difference"] <= 1e-9
    assert report["rounding"]["full_range"] == rungs(report)["rounded"]["accuracy"]
    # The two rules round to other weights, and on this chip that shows.
    assert report["rounding"]["full_range"] != report["rounding"]["least_error"]
    assert [layer["name"] for layer in report["layers"]] == ["fc1", "fc2"]
    for layer, (rows, cols), tiles in zip(report["layers"], ((64, 32), (32, 10)), (9, 2), strict=True):
        assert (layer["rows"], layer["cols"], layer["tiles"], layer["bias"]) == (rows, cols, tiles, "digital")
        assert layer["cells"] == 2 * rows * cols
        assert layer["utilisation"] == pytest.approx(rows * cols / (tiles * 360), rel=1e-12)
        for key in ("level_counts_pos", "level_counts_neg"):
            assert sum(layer[key]) == rows * cols
            assert len(layer[key]) == 4
        assert 0 <= layer["clipped_weights"] < 0.5
        assert 0 < layer["scale_smallest"] <= layer["scale_largest"]
    assert report["layers"][0]["activation_range"] > 0
    assert report["layers"][1]["activation_range"] is None
    for curve in report["curves"].values():
        assert [record["epoch"] for record in curve] == list(range(1, 9))
        assert curve[-1]["loss"] < curve[0]["loss"]
    assert report["curves"]["float"][0]["sharpness"] is None
    assert report["curves"]["hardware_aware"][0]["sharpness"] >= 2.0


def test_the_files_alone_give_the_predictions_again(finished: Finished) -> None:
    tiles = json.loads((finished.out / "tiles.json").read_text(encoding="utf-8"))
    tensors = load_file(finished.out / "weights.safetensors")
    digits = load("digits")
    # 4-bit codes of pixels of 0..16: 15 p / 16, half a step up.
    x = (2 * 15 * digits.test_images.reshape(TEST_IMAGES, -1).astype(int) + 16) // 32 * tiles["input"]["lsb"]
    z = np.maximum(x @ tensors["fc1.weight"].T + tensors["fc1.bias"], 0)
    x = tensors["fc1.levels"][np.searchsorted(tensors["fc1.thresholds"], z, side="right")]
    logits = x @ tensors["fc2.weight"].T + tensors["fc2.bias"]
    with np.load(finished.out / "predictions.npz", allow_pickle=False) as written:
        assert np.abs(logits - written["logits"]).max() <= 1e-9 * np.abs(logits).max()
        assert np.array_equal(logits.argmax(1), written["predictions"])
        assert np.array_equal(written["labels"], digits.test_labels)
        correct = (written["predictions"] == written["labels"]).mean()
    assert rungs(finished.report)["hardware_aware"]["accuracy"] == pytest.approx(correct, rel=1e-12)


def test_progress_never_falls_and_ends_at_one(finished: Finished) -> None:
    fractions = [progress.fraction for progress in finished.heard]
    assert fractions == sorted(fractions)
    assert fractions[0] > 0
    assert fractions[-1] == 1.0
    assert max(after - before for before, after in zip([0.0, *fractions], fractions, strict=False)) < 0.2
    stages = [progress.stage for progress in finished.heard]
    assert [stage for i, stage in enumerate(stages) if stage not in stages[:i]] == list(STAGES)
    assert stages == sorted(stages, key=STAGES.index)
    for stage in ("float", "hardware_aware"):
        epochs = [(progress.epoch, progress.epochs) for progress in finished.heard if progress.stage == stage]
        assert epochs == [(epoch, 8) for epoch in range(1, 9)]
    drawn = [progress.message for progress in finished.heard if "one of 4 chips" in progress.message]
    assert len(drawn) == 8
    assert sum("alone" in message for message in drawn) == 4
    assert all(progress.message for progress in finished.heard)


@pytest.mark.parametrize("preset", [preset.name for preset in presets()])
def test_every_preset_compiles(tmp_path: Path, preset: str) -> None:
    chosen = job(hardware=preset, training={"epochs": 1}, evaluation={"chips": 2})
    report = compiled(tmp_path / "out", chosen)
    assert {path.name for path in (tmp_path / "out").iterdir()} == ARTIFACTS
    expected = [look.stage.text for look in looks(chosen.resolved().examination()) if look.on_ladder]
    assert [rung["stage"] for rung in report["ladder"]] == ["float", "rounded", "hardware_aware", *expected]


@pytest.mark.parametrize(
    "changed",
    [
        {"model": {"hidden": []}},
        {"model": {"hidden": [1]}},
        {"model": {"hidden": [8, 6, 5], "normalization": "none"}},
        {"training": {"optimizer": "sgd", "learning_rate": 0.05}},
        {"training": {"epochs": 1, "float_epochs": 3, "batch": 65536, "weight_decay": 0.01, "seed": 2**63 - 1}},
        {"evaluation": {"chips": 1}},
        {"hardware": {**HARDWARE, "weights": {"scale": "per_layer", "bias": "array_row"}}},
        {"hardware": {**HARDWARE, "weights": {"encoding": "full_pair", "bias": "array_row"}}},
        {"hardware": {**HARDWARE, "activation": {"function": "tanh", "bits": 1, "range": 0.8}}},
        {"hardware": {**HARDWARE, "activation": {"function": "sigmoid", "bits": 3, "range": "calibrated"}}},
        {"hardware": {**HARDWARE, "noise": {"programming": {"type": "proportional", "sigma_ratio": 0.1}}}},
        {"hardware": {"cell": {"levels": 2, "g_max": 1e-6}, "array": {"rows": 1, "cols": 1}}, "model": {"hidden": [3]}},
        # Negative components that conduct too little: no negative weight is representable.
        {"hardware": {"cell": {"levels": 2, "g_max": 1e-6, "on_off_ratio": 2, "negative": {"gain": 0.1}}}},
    ],
    ids=str,
)
def test_all_sorts_of_jobs(tmp_path: Path, changed: dict[str, Any]) -> None:
    report = compiled(tmp_path / "out", job(**changed))
    assert {path.name for path in (tmp_path / "out").iterdir()} == ARTIFACTS
    assert report["mapping"]["largest_relative_difference"] <= 1e-9
    assert len(report["layers"]) == len(changed.get("model", {}).get("hidden", [32])) + 1


def test_ties_everywhere_do_not_part_arrays_and_network(tmp_path: Path) -> None:
    # Weights of -1, 0 and 1 and one bit between: sums of zero at tanh's threshold, classes with equal sums.
    hardware = {
        "cell": {"levels": 2, "g_max": 1e-5},
        "weights": {"scale": "per_layer", "bias": "array_row"},
        "activation": {"function": "tanh", "bits": 1},
        "input": {"bits": 2},
        "array": {"rows": 10, "cols": 10},
    }
    report = compiled(tmp_path / "out", job(hardware=hardware, model={"hidden": [12]}))
    assert report["mapping"]["largest_relative_difference"] <= 1e-9


def test_without_noise_every_chip_is_as_designed(tmp_path: Path) -> None:
    report = compiled(tmp_path / "out", job(hardware={"cell": CELL}, evaluation={"chips": 25}))
    designed, drawn = rungs(report)["hardware_aware"], rungs(report)["programming"]
    assert drawn["accuracy"] == drawn["p05"] == designed["accuracy"]
    assert (drawn["std"], drawn["chips"], drawn["yield"]) == (None, 25, 1.0)
    assert drawn["chip_accuracies"] == [designed["accuracy"]] * 25
    # Nothing was drawn, so there is no error bar.
    assert drawn["yield_ci95"] is None
    assert "no programming noise" in drawn["note"]


def test_the_stated_accuracy_decides_the_yield(tmp_path: Path) -> None:
    found = {}
    for target in (0.001, 0.999):
        report = compiled(tmp_path / str(target), job(training={"epochs": 1}, evaluation={"target_accuracy": target}))
        drawn = rungs(report)["programming"]
        assert drawn["target_accuracy"] == report["target_accuracy"] == target
        assert report["target_accuracy_source"] == {"type": "given"}
        found[target] = drawn["yield"], drawn["yield_ci95"]
    # None or all of four: 1 - 0.025^(1/4) = 0.6024.
    assert found[0.001] == (1.0, [pytest.approx(0.3976354, abs=1e-6), 1.0])
    assert found[0.999] == (0.0, [0.0, pytest.approx(0.6023646, abs=1e-6)])


def test_straight_through_has_no_sharpness(tmp_path: Path) -> None:
    report = compiled(tmp_path / "out", tiny(method="straight_through"))
    assert report["method"] == "straight_through"
    assert [record["sharpness"] for record in report["curves"]["hardware_aware"]] == [None]


def test_more_chips_leave_the_first_ones_as_they_are(tmp_path: Path) -> None:
    few, many = (
        rungs(compiled(tmp_path / str(n), job(training={"epochs": 1}, evaluation={"chips": n})))["programming"]
        for n in (2, 5)
    )
    assert many["chip_accuracies"][:2] == few["chip_accuracies"]


def test_noise_costs_accuracy(tmp_path: Path) -> None:
    loud = {**HARDWARE, "noise": {"programming": {"type": "additive", "sigma_ratio": 1.0}}}
    report = compiled(tmp_path / "out", job(hardware=loud, training={"epochs": 4, "batch": 16}))
    assert rungs(report)["programming"]["accuracy"] < rungs(report)["hardware_aware"]["accuracy"] - 0.2


def test_a_training_that_diverges_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    absurd = tiny(optimizer="sgd", learning_rate=10.0, weight_decay=1.0, epochs=300, float_epochs=300, batch=65536)
    with pytest.raises(TrainingFailed, match="lower the learning rate"):
        compiled(tmp_path / "out", absurd)
    assert not everything_below(tmp_path)


@pytest.mark.parametrize(("arguments", "words"), [({"device": "tpu"}, "got 'tpu'"), ({"threads": 0}, "got 0")])
def test_a_device_or_thread_count_that_is_none(tmp_path: Path, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        run(tiny(), tmp_path / "new" / "out", **arguments)
    assert not everything_below(tmp_path)


def test_the_thread_count_is_given_back(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    seen = []

    def watch(_: Any) -> None:
        seen.append(torch.get_num_threads())
        if len(seen) == 3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        run(tiny(), tmp_path / "out", device="cpu", threads=before + 1, progress=watch)
    assert seen == [before + 1] * 3
    assert torch.get_num_threads() == before


def test_another_seed_gives_another_network(tmp_path: Path) -> None:
    for seed in (0, 1):
        compiled(tmp_path / str(seed), tiny(seed=seed))
    first, second = digests(tmp_path / "0"), digests(tmp_path / "1")
    assert all(first[name] != second[name] for name in first)
