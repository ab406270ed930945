"""Kinds of jobs: each fulfils the protocol, is read by its word, and stands in the published schema."""

import json
from typing import Any, Literal

import pytest
from pydantic import Field

from hwcore.errors import InvalidInput
from hwcore.spec import (
    JOB_KINDS,
    CompileJob,
    JobDocument,
    Source,
    own_dataset,
    parse_compile_job,
    parse_job,
)
from hwcore.spec.jobs.labelled import Labelled
from hwcore.spec.reading.parse import parse_one_of
from hwcore.spec.reading.schema import schema_of
from tests.hwcore.pipeline.small_jobs import EVERYTHING, job

DATASET_ID = "01931b60-0000-7000-8000-000000000000"
CONTENTS = {"sha256": "ab" * 32, "height": 8, "width": 8, "classes": 10}
UPLOADED = {"type": "uploaded", "id": DATASET_ID, "contents": CONTENTS}


class CountJob(Labelled):
    """Another kind, for these tests alone."""

    kind: Literal["count"] = Field(default="count", description="Kind of job.")
    most: int = Field(ge=1, le=9, description="How far.")


KINDS: dict[str, Any] = {"compile": CompileJob, "count": CountJob}


def faults(document: dict[str, Any], kinds: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        parse_one_of(document, kinds)
    return {fault.pointer: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize("kind", JOB_KINDS)
def test_every_kind_has_its_own_word_and_the_common_fields(kind: str) -> None:
    properties = schema_of(JOB_KINDS[kind])["properties"]
    assert JOB_KINDS[kind].model_fields["kind"].default == kind
    assert list(properties)[:3] == ["kind", "name", "labels"]


def test_a_document_is_read_as_the_kind_that_it_names() -> None:
    read = parse_one_of({"kind": "count", "most": 3, "labels": {"lot": "7"}}, KINDS)
    assert read == CountJob(most=3, labels={"lot": "7"})
    assert isinstance(parse_one_of({"hardware": "ideal", "dataset": "digits"}, KINDS), CompileJob)
    assert faults({"kind": "count", "most": 0}, KINDS) == {"/most": "got 0; allowed: a whole number from 1 to 9"}


def test_an_unknown_kind_is_told_with_all_kinds_and_the_faults_of_the_nearest() -> None:
    found = faults({"kind": "cuont", "most": 0}, KINDS)
    assert found == {
        "/kind": 'unknown value (did you mean "count"?): got "cuont"; allowed: one of "compile", "count"',
        "/most": "got 0; allowed: a whole number from 1 to 9",
    }
    assert "/hardware" in faults({"kind": "elsewhere"}, KINDS)
    assert faults({"kind": ["count"], "hardware": "ideal", "dataset": "digits"}, KINDS).keys() == {"/kind"}


def test_with_one_kind_its_word_alone_is_allowed() -> None:
    found = faults({"kind": "complie", "hardware": "ideal", "dataset": "digits"}, {"compile": CompileJob})
    assert found == {"/kind": 'got "complie"; allowed: "compile"'}
    with pytest.raises(InvalidInput, match=r"^kind: "):
        parse_compile_job({"kind": "count", "hardware": "ideal", "dataset": "digits"})


def test_the_schema_of_several_kinds_is_any_of_them() -> None:
    schema = schema_of(CompileJob, CountJob)
    assert schema["anyOf"] == [{"$ref": "#/$defs/CompileJob"}, {"$ref": "#/$defs/CountJob"}]
    alone = schema_of(CompileJob)
    assert {key: value for key, value in alone.items() if key != "$defs"} == schema["$defs"]["CompileJob"]


def test_a_job_names_what_it_reads() -> None:
    known: JobDocument = parse_job({"hardware": "ideal", "dataset": "digits"})
    assert (known.datasets(), known.sources(), own_dataset(known)) == (("digits",), (), None)
    uploaded = parse_job({"hardware": "ideal", "dataset": UPLOADED})
    assert uploaded.sources() == (Source("dataset", DATASET_ID),)
    assert own_dataset(uploaded) == uploaded.datasets()[0]
    file = parse_job({"hardware": "ideal", "dataset": {"type": "file", "path": "own.npz", "contents": CONTENTS}})
    assert file.sources() == ()
    assert own_dataset(file) is not None


def test_work_counts_what_is_left_open_as_the_resolved_job_decides_it() -> None:
    chosen = job(EVERYTHING, training={"epochs": 3}, evaluation={"chips": 7})
    work = chosen.resolved().work()
    assert (work.float_epochs, work.hardware_epochs, work.batch) == (3, 3, 32)
    assert set(work.aware_of) == {"programming", "wires", "adc", "read", "drift"}
    assert work.plan == chosen.plan
    assert work.examination is not None
    assert (work.examination.chips, work.examination.plan) == (7, chosen.plan)


def test_the_members_of_the_protocol_leave_the_document_as_it_was() -> None:
    chosen = job(EVERYTHING)
    assert set(json.loads(chosen.model_dump_json())) <= set(schema_of(CompileJob)["properties"])


def test_a_good_document_needs_no_schema() -> None:
    schema_of.cache_clear()
    parse_job({"hardware": "fefet-2b", "dataset": "digits"})
    assert schema_of.cache_info().misses == 0
    with pytest.raises(InvalidInput):
        parse_job({"hardware": "fefet-2b"})
    assert schema_of.cache_info().misses == 1
