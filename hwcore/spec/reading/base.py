"""Base of every part of a description: frozen, strict, extra keys refused, finite numbers only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import literal_schema

CONTRADICTION = "contradiction"


class Spec(BaseModel):
    """Base of all descriptions.

    Strict: true is no number, "4" is no number, and 4.0 is no whole number. Numbers are finite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _require_type(schema: dict[str, Any]) -> None:
    schema["required"] = ["type", *schema.get("required", [])]


class Alternative(Spec):
    """Base of descriptions that are told apart by `type`: Python may leave it out, JSON has to write it."""

    model_config = ConfigDict(json_schema_extra=_require_type)


@dataclass(frozen=True)
class Contradiction:
    """Two fields that are each fine but cannot both hold.

    Attributes:
        at: path of the field to change, from the model that found the contradiction.
        got: the value that came there.
        reason: why it cannot be, in one clause.
        allowed: what would be accepted.
    """

    at: tuple[str | int, ...]
    got: Any
    reason: str
    allowed: str


def refuse(model: BaseModel, contradictions: Sequence[Contradiction]) -> None:
    """Raise every contradiction at once, each at its own field; do nothing when there is none.

    Raises:
        pydantic.ValidationError: pydantic merges it into that of the document, so the paths stay exact.
    """
    if contradictions:
        raise ValidationError.from_exception_data(
            type(model).__name__,
            [
                InitErrorDetails(type=contradiction(each.reason, each.allowed), loc=each.at, input=each.got)
                for each in contradictions
            ],
        )


def contradiction(reason: str, allowed: str) -> PydanticCustomError:
    """The error that carries a reason and what is allowed through pydantic."""
    return PydanticCustomError(CONTRADICTION, "{reason}; allowed: {allowed}", {"reason": reason, "allowed": allowed})


def unique_list(most: int) -> Any:
    """The field of a list of at most so many items, none of them twice, that becomes a tuple.

    The schema says it; in the parser a validator has to, so that the fault is at the item that is there already.
    """
    return Field(strict=False, max_length=most, json_schema_extra={"uniqueItems": True})


@dataclass(frozen=True)
class OneOf:
    """The annotation of a field that takes some of the words of its type; to schema and parser it is their `Literal`.

    Attributes:
        words: in the order in which messages list them.
    """

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Schema of the words alone."""
        return literal_schema(list(self.words))


class ByType:
    """The annotation of a field that takes one of several alternatives, told apart by `type`.

    Args:
        alternatives: in the order in which schema and messages list them.
    """

    def __init__(self, *alternatives: type[Alternative]) -> None:
        self.alternatives = alternatives

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Schema of their tagged union."""
        return handler.generate_schema(Annotated[reduce(or_, self.alternatives), Discriminator("type")])


def unsaid(value: Any) -> bool:
    """Tell whether a field is left out; then it is not dumped either.

    So a description that is older than the field is dumped as before, and its digest stays the same.
    """
    return value is None


def number_for(write_out: Callable[[float], dict[str, float]], number: Any, model: Any) -> Any:
    """Lets a number stand for a model of nothing but such numbers; what comes of it is the model, written out.

    The schema says it as well. A number that `number` does not allow is refused as one, at the field itself.

    Args:
        write_out: the fields of the model for a number.
        number: type of the number, with its bounds.
        model: type of the field.

    Returns:
        What goes into the `Annotated` of the field.
    """
    allowed = TypeAdapter(number, config=Spec.model_config)

    def written_out(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        try:
            return write_out(allowed.validate_python(value))
        except ValidationError:
            return value

    return BeforeValidator(written_out, json_schema_input_type=number | model)


def word_or(other: str) -> Callable[[Any], str]:
    """A discriminator that tells text ("word") from everything else, so that only one alternative reports faults."""

    def tag(value: Any) -> str:
        return "word" if isinstance(value, str) else other

    return tag
