"""The fields that every kind of job has: its kind, and what people call it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from hwcore.spec.reading.base import Spec

LabelKey = Annotated[str, StringConstraints(min_length=1, max_length=100)]
LabelValue = Annotated[str, StringConstraints(max_length=200)]


class Labelled(Spec):
    """Base of the documents of jobs. Each has its own word for `kind`, and puts it in the place of this one."""

    kind: str = Field(description="Kind of job.")
    name: str = Field(default="", max_length=200, description="What people call the job; it changes nothing.")
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, max_length=32, description="Free text by name, to find jobs by; it changes nothing."
    )
