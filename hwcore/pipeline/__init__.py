"""The whole job in one place, the same for the service, the command line and a notebook."""

from hwcore.pipeline.bundle import Bundle
from hwcore.pipeline.checkpoint import Checkpoints
from hwcore.pipeline.chips_of_bundle import chips_of_bundle
from hwcore.pipeline.offer import Offer
from hwcore.pipeline.output import check_output
from hwcore.pipeline.own_file import with_file
from hwcore.pipeline.run import run

__all__ = ["Bundle", "Checkpoints", "Offer", "check_output", "chips_of_bundle", "run", "with_file"]
