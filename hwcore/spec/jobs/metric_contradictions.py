"""Contradictions between the metric of a job and its data, its network, its training and its target."""

from __future__ import annotations

from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.evaluation import Evaluation
from hwcore.spec.jobs.metric import METRICS, Metric
from hwcore.spec.jobs.model import Model, reconstructs
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.jobs.training import Training
from hwcore.spec.reading.base import Contradiction


def metric_contradictions(
    metric: Metric, model: Model, dataset: AnyDataset, training: Training, evaluation: Evaluation
) -> list[Contradiction]:
    """A metric that the targets of the data, the outputs of the network or the settings do not have.

    Args:
        metric: of the job.
        model: described.
        dataset: a user's that nobody has looked into yet contradicts nothing.
        training: with its augmentation.
        evaluation: with its target.
    """
    found = []
    facts = dataset_facts(dataset)
    if facts is not None:
        found += _of_data(metric, facts)
    title = METRICS[metric].title
    if (metric == "roc_auc") != reconstructs(model):
        if metric == "roc_auc":
            reason = f"the {title} is that of an autoencoder, and this network does not give its inputs back"
            allowed = 'another metric, or a model that does: "fc-autoencoder"'
            found.append(Contradiction(("metric",), metric, reason, allowed))
        else:
            reason = "the network gives its inputs back, and finds neither a class nor numbers"
            found.append(Contradiction(("metric",), metric, reason, '"roc_auc"'))
    if metric == "roc_auc" and training.augmentation is not None:
        reason = "an autoencoder is to give back the image as it is"
        found.append(Contradiction(("training", "augmentation"), training.augmentation.model_dump(), reason, "null"))
    if METRICS[metric].falls and evaluation.target_accuracy is not None:
        at, got = ("evaluation", "target_accuracy"), evaluation.target_accuracy
        found.append(Contradiction(at, got, f"the {title} is no share of the test images", "null"))
    return found


def _of_data(metric: Metric, facts: DatasetFacts) -> list[Contradiction]:
    numbers = facts.targets == "numbers"
    if numbers != (metric == "mean_squared_error"):
        what, allowed = ("numbers", '"mean_squared_error"') if numbers else ("classes", '"accuracy" or "roc_auc"')
        reason = f"the targets of {facts.name} are {what}"
        return [Contradiction(("metric",), metric, reason, allowed)]
    return []
