"""The network to train: dense layers, convolutions before them, or a published network; described or by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag

from hwcore.spec.jobs.convolution import Convolution, Pool
from hwcore.spec.jobs.model_fields import NORMALIZATION, Normalization, Width
from hwcore.spec.jobs.models.ds_cnn import DsCnn
from hwcore.spec.jobs.models.fc_autoencoder import FcAutoencoder
from hwcore.spec.jobs.models.lstm import LstmNetwork
from hwcore.spec.jobs.models.mobilenet_v1 import MobileNetV1
from hwcore.spec.jobs.models.resnet_8 import ResNet8
from hwcore.spec.reading.base import Alternative, Spec


class Mlp(Spec):
    """A multilayer perceptron."""

    type: Literal["mlp"] = Field(default="mlp", description="Dense layers with the hardware's activation between them.")
    hidden: Annotated[tuple[Width, ...], Field(strict=False, max_length=8)] = Field(
        default=(512, 512),
        description="Units of each hidden layer, from input to output; empty: a single layer.",
    )
    normalization: Normalization | None = Field(default=None, description=NORMALIZATION)


class Cnn(Alternative):
    """A convolutional network: blocks of convolution, pooling and activation, then dense layers."""

    type: Literal["cnn"] = Field(
        default="cnn", description="Convolutions unfolded onto the arrays, then dense layers; the same activation."
    )
    convolutions: Annotated[tuple[Convolution, ...], Field(strict=False, min_length=1, max_length=8)] = Field(
        description="The convolutions from input to output; the first one sees the channels of the images."
    )
    hidden: Annotated[tuple[Width, ...], Field(strict=False, max_length=8)] = Field(
        default=(128,),
        description="Units of each dense hidden layer after the convolutions; empty: only the layer of the classes.",
    )
    normalization: Normalization | None = Field(default=None, description=NORMALIZATION)


Model = Mlp | Cnn | ResNet8 | DsCnn | FcAutoencoder | MobileNetV1 | LstmNetwork
ModelName = Literal["lenet-5", "resnet-8", "ds-cnn", "fc-autoencoder", "mobilenet-v1-025", "lstm"]
MODEL_NAMES: tuple[ModelName, ...] = get_args(ModelName)

_AVERAGED = Pool(type="average", size=2)
MODELS: Mapping[str, Model] = MappingProxyType(
    {
        # LeCun, Bottou, Bengio, Haffner 1998, doi:10.1109/5.726791. The paper pads its digits to 32 x 32, connects
        # C3 to chosen maps only and ends in radial basis functions; here every map and a plain dense layer are used,
        # as nearly everybody has done since.
        "lenet-5": Cnn(
            convolutions=(
                Convolution(channels=6, kernel=5, padding=2, pool=_AVERAGED),
                Convolution(channels=16, kernel=5, pool=_AVERAGED),
            ),
            hidden=(120, 84),
        ),
        "resnet-8": ResNet8(),
        "ds-cnn": DsCnn(),
        "fc-autoencoder": FcAutoencoder(),
        "mobilenet-v1-025": MobileNetV1(width=0.25),
        "lstm": LstmNetwork(),
    }
)


def reconstructs(model: Model) -> bool:
    """Tell whether a network is to give its inputs back: an autoencoder."""
    return isinstance(model, FcAutoencoder)


def described_model(model: Model | ModelName) -> Model:
    """The description itself, looked up when it is the name of a preset."""
    return MODELS[model] if isinstance(model, str) else model


def _kind(value: Any) -> str | None:
    """Return the alternative that a document means; without a type it is the perceptron, unless it has convolutions."""
    if isinstance(value, str):
        return "word"
    if isinstance(value, Mapping) and "convolutions" in value and "type" not in value:
        return None
    tag = value.get("type", "mlp") if isinstance(value, Mapping) else getattr(value, "type", "mlp")
    return tag if tag in MODEL_TYPES else ""


MODEL_TYPES: tuple[str, ...] = tuple(kind.model_fields["type"].default for kind in get_args(Model))
"""Words of the descriptions, in `type`."""
ChosenModel = Annotated[
    Annotated[Mlp, Tag("mlp")]
    | Annotated[Cnn, Tag("cnn")]
    | Annotated[ResNet8, Tag("resnet-8")]
    | Annotated[DsCnn, Tag("ds-cnn")]
    | Annotated[FcAutoencoder, Tag("fc-autoencoder")]
    | Annotated[MobileNetV1, Tag("mobilenet-v1")]
    | Annotated[LstmNetwork, Tag("lstm")]
    | Annotated[ModelName, Tag("word")],
    Discriminator(_kind),
]
