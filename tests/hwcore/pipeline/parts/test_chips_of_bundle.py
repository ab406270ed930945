"""Chips that are offered to others: what comes back is what would have been computed here, and nothing else counts."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.datasets import load
from hwcore.layers import map_network
from hwcore.mapping import MappedNetwork
from hwcore.pipeline import Bundle, Offer, chips_of_bundle, run
from hwcore.pipeline.parts import data as data_module
from hwcore.pipeline.parts.as_built import judge_of
from hwcore.pipeline.parts.bundle import computes_like
from hwcore.pipeline.parts.chip_tasks import drawn_tasks
from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.offer import make_offer
from hwcore.pipeline.parts.pace import Pace
from hwcore.snapshot import Snapshot
from hwcore.spec import CompileJob
from tests.hwcore.layers.drawn_networks import drawn_graph
from tests.hwcore.pipeline.small_jobs import CNN, EVERYTHING, HARDWARE, digests, job, task_names

ARRAY_ROW = {**HARDWARE, "weights": {"bias": "array_row", "scale": "per_layer"}}
UNLIMITED = {**HARDWARE, "activation": {"function": "relu"}}
IMAGES = "ab" * 32
SMALL = {"model": {"hidden": [6]}, "training": {"epochs": 1, "batch": 256}, "evaluation": {"chips": 3}}


def bundle_of(of: CompileJob, network: MappedNetwork) -> Bundle:
    return Bundle(of.examination(), network, IMAGES)


def drawn(of: CompileJob) -> MappedNetwork:
    return map_network(drawn_graph(of.described_hardware, of.graph))


def same(one: Any, other: Any) -> bool:
    """Equal to the bit, member by member."""
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if is_dataclass(one):
        return type(one) is type(other) and all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@pytest.mark.parametrize(
    ("hardware", "model"),
    [
        (EVERYTHING, None),
        (ARRAY_ROW, None),
        (UNLIMITED, None),
        (HARDWARE, CNN),
        ("ideal", None),
        (HARDWARE, {"type": "resnet-8", "channels": [3, 4]}),
        (HARDWARE, {"type": "fc-autoencoder", "units": 8, "layers": 1, "code": 3}),
        (ARRAY_ROW, {"type": "lstm", "units": 4, "layers": 2}),
        (UNLIMITED, {"type": "lstm", "units": 4, "readout": "last"}),
    ],
)
def test_a_bundle_brings_job_and_network_back_to_the_bit(hardware: Any, model: Any, tmp_path: Path) -> None:
    of = job(hardware, model).resolved()
    network = drawn(of)
    bundle_of(of, network).write(tmp_path / "bundle")
    back = Bundle.read(tmp_path / "bundle")
    assert (back.examination, back.images) == (of.examination(), IMAGES)
    assert same(back.network, network)
    assert bundle_of(of, network).sha256() == hashlib.sha256((tmp_path / "bundle").read_bytes()).hexdigest()
    assert not same(replace(network, layers=network.layers[:1]), network)


def test_a_bundle_of_another_kind_of_machine_is_refused(tmp_path: Path) -> None:
    of = job(**SMALL).resolved()
    bundle_of(of, drawn(of)).write(tmp_path / "bundle")
    written = Snapshot.read(tmp_path / "bundle")

    def offered_by(machine: dict[str, Any]) -> Path:
        """Write the bundle as another machine would."""
        Snapshot(written.tensors, {**written.values, "computes_like": machine}).write(tmp_path / "another")
        return tmp_path / "another"

    here = computes_like()
    with pytest.raises(ValueError, match="another torch, cpu_capability"):
        Bundle.read(offered_by({**here, "torch": "1.0", "cpu_capability": "NONE"}))
    # Batches and the store decide what read noise is drawn; a machine that says nothing of them draws otherwise.
    draws_otherwise = {name: value for name, value in here.items() if name != "fresh_reads"}
    with pytest.raises(ValueError, match="another batches, fresh_reads"):
        Bundle.read(offered_by({**draws_otherwise, "batches": [1, 2]}))
    assert Bundle.read(offered_by(here)).images == IMAGES


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    Snapshot(values={"format": "mho.other/1"}).write(tmp_path / "other")
    with pytest.raises(ValueError, match=r"mho\.other/1"):
        Bundle.read(tmp_path / "other")


def test_names_begin_with_effects_and_chip_and_are_all_different() -> None:
    of = job(EVERYTHING, evaluation={"chips": 6, "times": [2.0, 60.0]}).resolved()
    names = [task.name for task in drawn_tasks(of.examination())]
    assert len(set(names)) == len(names)
    together = "adc+drift+programming+read+stuck_at+wires"
    # It was trained through the wires: they are on every chip.
    effects = ["programming+wires", "stuck_at+wires", "read+wires", "drift+wires", together]
    expected = [f"{each}.{number}" for each in effects for number in range(6)]
    expected += [f"each_layer.{number}" for number in range(5)]
    assert [name.rpartition("-")[0] for name in names] == expected


class Elsewhere:
    """Does all tasks that are offered, from the last one, before the offer returns."""

    def __init__(self, folder: Path, *, skip: int = 0) -> None:
        self.path = folder / "bundle"
        self.skip = skip
        self.offered: list[str] = []
        self.found: dict[str, Sequence[int]] = {}
        self.asked: list[str] = []

    def offer(self, least: int = 1) -> Offer:
        return Offer(self.path, least, self._made, self._result)

    def _made(self, names: list[str]) -> None:
        self.offered = names
        chips_of_bundle(Bundle.read(self.path), names[::-1][self.skip :], self.found.__setitem__, threads=2)

    def _result(self, name: str) -> Sequence[int] | None:
        self.asked.append(name)
        return self.found.get(name)


@pytest.mark.parametrize(("hardware", "model"), [(EVERYTHING, None), (HARDWARE, CNN)])
def test_chips_from_elsewhere_leave_the_same_bytes(hardware: Any, model: Any, tmp_path: Path) -> None:
    # Not aware of wires and converters: training is not what this is about.
    training = {**SMALL["training"], "aware_of": ["programming"]}
    chosen = job(hardware, **{**SMALL, "model": model or SMALL["model"], "training": training})
    run(chosen, tmp_path / "alone", device="cpu", threads=1)
    elsewhere = Elsewhere(tmp_path, skip=2)
    run(chosen, tmp_path / "helped", device="cpu", threads=1, offer=elsewhere.offer())
    assert digests(tmp_path / "helped") == digests(tmp_path / "alone")
    # Asked for in the order in which they were offered, each once; all but the last two had been done.
    assert elsewhere.asked == elsewhere.offered == [task.name for task in drawn_tasks(chosen.resolved().examination())]
    assert manifest_run(tmp_path / "helped")["tasks_from_elsewhere"] == len(elsewhere.offered) - 2
    assert manifest_run(tmp_path / "alone")["tasks_from_elsewhere"] == 0


def manifest_run(folder: Path) -> dict[str, Any]:
    ran: dict[str, Any] = json.loads((folder / "manifest.json").read_text())["run"]
    return ran


def test_a_result_counts_in_place_of_a_chip_and_only_if_it_can_be_one(tmp_path: Path) -> None:
    chosen = job(**SMALL)
    named = task_names(drawn_tasks(chosen.resolved().examination()))
    wrong: dict[str, Sequence[int]] = {
        named["programming.0"]: [7],
        named["programming.1"]: [7, 7],
        named["programming.2"]: [100_000],
        named["each_layer.0"]: [1],
        named["each_layer.1"]: [1, -1],
    }
    offer = Offer(tmp_path / "bundle", 1, lambda names: None, wrong.get)
    alone = run(chosen, tmp_path / "alone", device="cpu", threads=1)
    told = run(chosen, tmp_path / "told", device="cpu", threads=1, offer=offer)
    one, other = (each["ladder"][-1]["chip_accuracies"] for each in (told, alone))
    assert one == [7 / alone["dataset"]["test_images"], *other[1:]]
    assert [layer["alone"] for layer in told["layers"]] == [layer["alone"] for layer in alone["layers"]]
    assert manifest_run(tmp_path / "told")["tasks_from_elsewhere"] == 1


@pytest.mark.parametrize(("least", "made"), [(6, 1), (7, 0)])
def test_too_few_tasks_are_not_offered(least: int, made: int, tmp_path: Path) -> None:
    of, told = job(**SMALL).resolved(), []
    make_offer(Offer(tmp_path / "bundle", least, told.append, lambda name: None), bundle_of(of, drawn(of)))
    assert len(told) == made
    assert (tmp_path / "bundle").exists() == bool(made)


def test_tasks_that_are_done_already_are_not_offered(tmp_path: Path) -> None:
    of, told = job(**SMALL).resolved(), list[list[str]]()
    offer = Offer(tmp_path / "bundle", 4, told.append, lambda name: None)
    named = task_names(drawn_tasks(of.examination()))
    done = {named["programming.0"], named["programming.2"]}
    make_offer(offer, bundle_of(of, drawn(of)), done)
    assert told == [[named[each] for each in ("programming.1", "each_layer.0", "each_layer.1", "each_layer.2")]]
    # What is left is too little.
    make_offer(offer, bundle_of(of, drawn(of)), {*done, named["each_layer.0"]})
    assert len(told) == 1


def test_a_bundle_that_cannot_be_written_is_no_offer(tmp_path: Path) -> None:
    of, told, failed = job(**SMALL).resolved(), [], []
    offer = Offer(tmp_path / "nowhere" / "bundle", 1, told.append, lambda name: None, failed.append)
    make_offer(offer, bundle_of(of, drawn(of)))
    assert (told, len(failed)) == ([], 1)


def test_a_task_that_the_job_does_not_have_is_refused(tmp_path: Path) -> None:
    of = job(**SMALL).resolved()
    names = [task_names(drawn_tasks(of.examination()))["programming.0"], "drift.0"]
    with pytest.raises(ValueError, match=r"'drift\.0'; allowed: one of the 6"):
        chips_of_bundle(bundle_of(of, drawn(of)), names, lambda name, correct: None)


@pytest.mark.parametrize(("array", "row"), [("test_images", 0), ("test_labels", -1), ("train_images", slice(None))])
def test_a_helper_with_other_images_declines(
    array: str, row: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, told = job(**SMALL).resolved(), []
    network, named = drawn(of), task_names(drawn_tasks(of.examination()))
    data = load_data(of.course(), None, torch.device("cpu"))
    judge = judge_of(of.examination(), network, data, Pace(None, total=1.0))
    bundle = Bundle(of.examination(), network, judge.images_sha256())
    chips_of_bundle(bundle, [named["programming.0"]], lambda name, correct: told.append(name), threads=1)
    here = load("digits")
    changed = getattr(here, array).copy()
    # Inverted, or of another class.
    changed[row] = changed.max() - changed[row]
    monkeypatch.setattr(data_module, "load", lambda name, data_dir: replace(here, **{array: changed}))
    with pytest.raises(ValueError, match=r"other images of digits: .* allowed: " + bundle.images):
        chips_of_bundle(bundle, [named["programming.1"]], lambda name, correct: told.append(name), threads=1)
    assert told == [named["programming.0"]]
