"""Training: floating point first, then hardware-aware by continuation, with ordinary torch optimisers."""

from hwcore.training.batches import images_at_once
from hwcore.training.calibration import calibrate_activations
from hwcore.training.diverged import advice, blamed, rate_of
from hwcore.training.examples import Examples, accuracy
from hwcore.training.fit import EpochRecord, fit
from hwcore.training.initial import start_from
from hwcore.training.metric_score import metric_score
from hwcore.training.normalization import settle_normalization
from hwcore.training.recipe import Recipe
from hwcore.training.reconstruction import ordered_pairs, squared_errors
from hwcore.training.scale import (
    ScaleRule,
    full_range_of_layer_scale,
    full_range_scale,
    least_error_scale,
)
from hwcore.training.step import TrainingStep
from hwcore.training.teacher import teach

__all__ = [
    "EpochRecord",
    "Examples",
    "Recipe",
    "ScaleRule",
    "TrainingStep",
    "accuracy",
    "advice",
    "blamed",
    "calibrate_activations",
    "fit",
    "full_range_of_layer_scale",
    "full_range_scale",
    "images_at_once",
    "least_error_scale",
    "metric_score",
    "ordered_pairs",
    "rate_of",
    "settle_normalization",
    "squared_errors",
    "start_from",
    "teach",
]
