"""The whole job in one place, the same for the service, the command line and a notebook."""

from hwcore.environment import Environment
from hwcore.pipeline.kinds import KINDS, run, run_in
from hwcore.pipeline.parts.bundle import Bundle
from hwcore.pipeline.parts.checkpoint import Checkpoints
from hwcore.pipeline.parts.chips_of_bundle import chips_of_bundle
from hwcore.pipeline.parts.offer import Offer
from hwcore.pipeline.parts.output import check_output
from hwcore.pipeline.parts.own_file import with_file

__all__ = [
    "KINDS",
    "Bundle",
    "Checkpoints",
    "Environment",
    "Offer",
    "check_output",
    "chips_of_bundle",
    "run",
    "run_in",
    "with_file",
]
