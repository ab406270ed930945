"""Data of one's own in a job: what is known of them before they are looked into, and after."""

from typing import Any

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import (
    Contents,
    FileDataset,
    NamedDataset,
    UploadedDataset,
    contents_of,
    dataset_facts,
    dataset_title,
    estimated_seconds,
    parse_job,
    parse_resolve_request,
    plan_text,
    resolve_hardware,
    with_contents,
)

ID = "01900000-0000-7000-8000-000000000000"
SEEN = {"sha256": "5" * 64, "height": 12, "width": 10, "classes": 7}
VECTORS = {**SEEN, "height": 1, "width": 30}


def document(contents: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    dataset = {"type": "uploaded", "id": ID} | ({} if contents is None else {"contents": contents})
    return {"hardware": "ideal", "dataset": dataset, **changes}


def refused(**changes: Any) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        parse_job(document(**changes))
    return [str(fault) for fault in raised.value.faults]


def test_a_job_may_name_data_that_nobody_has_looked_into() -> None:
    job = parse_job(document(model="lenet-5"))
    assert job.dataset == UploadedDataset(id=ID)
    assert dataset_facts(job.dataset) is None
    assert dataset_title(job.dataset) == "own data"
    assert job.resolved().model_dump(mode="json")["dataset"] == {"type": "uploaded", "id": ID}
    with pytest.raises(InvalidInput, match=r"dataset\.contents: inputs and outputs .* got nothing; allowed: sha256"):
        assert job.plan


def test_what_is_in_them_gives_inputs_and_outputs() -> None:
    job = parse_job(document(SEEN, model={"hidden": [9]}))
    assert plan_text(job.graph) == "120-9-7"
    assert dataset_title(job.dataset) == "own data 555555555555"
    assert parse_job(job.resolved().model_dump(mode="json")) == job.resolved()


def test_contents_are_written_into_the_document_and_held_against_it() -> None:
    contents = Contents(**SEEN)
    posted = document(model="lenet-5")
    job = parse_job(posted)
    assert isinstance(job.dataset, UploadedDataset)
    filled = with_contents(posted, job.dataset, contents)
    assert filled["dataset"] == {"type": "uploaded", "id": ID, "contents": SEEN}
    assert "contents" not in posted["dataset"]
    with pytest.raises(InvalidInput, match="model: the map of conv2 is 2 x 1 pixels on own data 555555555555"):
        parse_job(filled)
    said = UploadedDataset(id=ID, contents=Contents(**{**SEEN, "classes": 8, "width": 11}))
    with pytest.raises(InvalidInput) as raised:
        with_contents(posted, said, contents)
    assert [str(fault) for fault in raised.value.faults] == [
        "dataset.contents.width: the data are others: got 11; allowed: 10",
        "dataset.contents.classes: the data are others: got 8; allowed: 7",
    ]


COLOURS = {**SEEN, "channels": 3, "signed": True}
SERIES = {**SEEN, "height": 1, "channels": 4, "series": True}


def test_channels_series_signs_and_numbers_give_the_facts_of_the_task() -> None:
    def facts(contents: dict[str, Any]) -> tuple[Any, ...]:
        found = dataset_facts(UploadedDataset(id=ID, contents=Contents(**contents)))
        assert found is not None
        return found.input_shape, found.signed, found.targets, found.classes

    assert facts(SEEN) == ((1, 12, 10), False, "classes", 7)
    assert facts(COLOURS) == ((3, 12, 10), True, "classes", 7)
    assert facts(SERIES) == ((4, 10), False, "classes", 7)
    assert facts({**VECTORS, "classes": 1, "targets": "numbers"}) == ((1, 1, 30), False, "numbers", 1)
    assert Contents(**SEEN).model_dump() == SEEN


def test_a_normalised_dataset_has_both_signs() -> None:
    own = UploadedDataset(id=ID, contents=Contents(**SEEN), normalization="per_channel")
    for dataset in (own, NamedDataset(name="cifar10", normalization="per_channel")):
        facts = dataset_facts(dataset)
        assert facts is not None
        assert facts.signed
    job = parse_job({"hardware": "ideal", "dataset": {"type": "named", "name": "digits"}})
    named = parse_job({"hardware": "ideal", "dataset": "digits"})
    assert (job.plan, job.work().dataset_name) == (named.plan, "digits")
    assert estimated_seconds(job) == estimated_seconds(named)
    assert dataset_title(job.dataset) == "digits"
    assert dataset_facts(job.dataset) == dataset_facts("digits")


def test_contents_that_cannot_be() -> None:
    assert refused(contents={**SEEN, "classes": 1}) == [
        "dataset.contents.classes: there is nothing to tell apart: got 1; allowed: a whole number from 2 to 1000"
    ]
    assert refused(contents={**SERIES, "height": 2}) == [
        "dataset.contents.height: a series has channels and one row each: got 2; allowed: 1"
    ]


def test_what_was_found_is_taken_from_descriptions_old_and_new() -> None:
    old = {"height": 12, "width": 10, "classes": 7, "format": "npz", "warnings": []}
    assert contents_of("5" * 64, old) == Contents(**SEEN)
    assert contents_of("5" * 64, {**old, "channels": 3, "signed": True}) == Contents(**COLOURS)
    said = UploadedDataset(id=ID, contents=Contents(**SEEN))
    with pytest.raises(InvalidInput) as raised:
        with_contents(document(), said, Contents(**COLOURS))
    assert [str(fault) for fault in raised.value.faults] == [
        "dataset.contents.channels: the data are others: got null; allowed: 3",
        "dataset.contents.signed: the data are others: got null; allowed: true",
    ]


def test_vectors_are_not_shifted() -> None:
    assert refused(contents=VECTORS, training={"augmentation": {"shift": 1}}) == [
        "training.augmentation: the examples of own data 555555555555 are vectors, and not images that could be "
        'shifted: got {"shift": 1}; allowed: null'
    ]
    parse_job(document(SEEN, training={"augmentation": {"shift": 1}}))


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ({"type": "uploaded"}, "dataset.id: missing: got nothing; allowed: text of 36 characters"),
        ({"type": "url"}, 'dataset.type: unknown type: got "url"; allowed: one of "uploaded", "file", "named"'),
        ({"id": ID}, 'dataset.type: missing: got nothing; allowed: one of "uploaded", "file", "named"'),
        ({"type": "file"}, "dataset.path: missing: got nothing; allowed: text of 1 to 1000 characters"),
        ({"type": "file", "path": ""}, 'dataset.path: got ""; allowed: text of 1 to 1000 characters'),
        (
            {"type": "uploaded", "id": ID, "contents": {**SEEN, "classes": 10**9}},
            "dataset.contents.classes: got 1000000000; allowed: a whole number from 1 to 1000",
        ),
        (
            {"type": "uploaded", "id": ID, "contents": {**SEEN, "sha256": "x"}},
            'dataset.contents.sha256: got "x"; allowed: text of 64 characters, of the form ^[0-9a-f]{64}$',
        ),
    ],
)
def test_each_fault_is_named(dataset: Any, message: str) -> None:
    assert refused(dataset=dataset) == [message]


def test_a_file_is_a_dataset_of_its_own() -> None:
    job = parse_job(document(dataset={"type": "file", "path": "own.npz"}))
    assert job.dataset == FileDataset(path="own.npz")


def test_a_description_is_resolved_with_data_that_are_known() -> None:
    request = parse_resolve_request(document(SEEN, model={"hidden": [9]}))
    resolved = resolve_hardware(request.hardware, request.model, request.dataset)
    assert [layer["rows"] for layer in resolved["footprint"]["layers"]] == [120, 9]
    unknown = parse_resolve_request(document())
    with pytest.raises(InvalidInput, match=r"dataset\.contents"):
        resolve_hardware(unknown.hardware, unknown.model, unknown.dataset)
