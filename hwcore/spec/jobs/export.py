"""Choice of files of which a job could write very many."""

from typing import Literal

from pydantic import Field

from hwcore.spec.reading.base import Spec

Netlists = Literal["none", "one_per_layer", "all"]


class Export(Spec):
    """What is written beside the files that every job leaves behind."""

    netlists: Netlists = Field(
        default="one_per_layer",
        description="Tiles that are written as netlists. one_per_layer: the first of each layer, the fullest. all: "
        "every tile; one of 128 x 128 pairs takes 1.3 MB, and 3.8 MB where its lines have resistance. none: no tile.",
    )
