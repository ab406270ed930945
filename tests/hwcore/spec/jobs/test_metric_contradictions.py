"""A metric has to go with the targets of the data, the outputs of the network, the training and the target."""

from __future__ import annotations

from typing import Any

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import parse_job

CONTENTS = {"sha256": "5" * 64, "height": 8, "width": 8, "classes": 2}
NUMBERS = {**CONTENTS, "classes": 3, "targets": "numbers"}
AUTOENCODER = {"type": "fc-autoencoder", "units": 16, "layers": 1, "code": 4}
ID = "01900000-0000-7000-8000-000000000000"


def document(contents: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"hardware": "ideal", "dataset": {"type": "uploaded", "id": ID, "contents": contents}, **changes}


def refused(contents: dict[str, Any], **changes: Any) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        parse_job(document(contents, **changes))
    return [str(fault) for fault in raised.value.faults]


def test_what_goes_together_is_taken() -> None:
    job = parse_job(document(NUMBERS, metric="mean_squared_error", model={"hidden": [8]}))
    assert job.plan[-1].outputs == 3
    assert job.course().metric == job.examination().metric == "mean_squared_error"
    job = parse_job(document(CONTENTS, metric="roc_auc", model=AUTOENCODER))
    assert job.plan[-1].outputs == 64
    named = parse_job(document(CONTENTS, metric="roc_auc", model="fc-autoencoder"))
    assert [layer.outputs for layer in named.plan] == [128] * 4 + [8] + [128] * 4 + [64]
    plain = parse_job(document(CONTENTS))
    assert plain.judged_by == "accuracy"
    assert "metric" not in plain.resolved().model_dump(mode="json")


def test_targets_have_their_metric() -> None:
    assert refused(NUMBERS) == [
        'metric: the targets of own data 555555555555 are numbers: got "accuracy"; allowed: "mean_squared_error"'
    ]
    assert refused(CONTENTS, metric="mean_squared_error") == [
        "metric: the targets of own data 555555555555 are classes: got "
        '"mean_squared_error"; allowed: "accuracy" or "roc_auc"'
    ]


def test_only_an_autoencoder_has_errors_of_reconstruction() -> None:
    (fault,) = refused(CONTENTS, metric="roc_auc")
    assert fault.startswith("metric: the area under the ROC curve is that of an autoencoder")
    assert refused(CONTENTS, metric="accuracy", model=AUTOENCODER) == [
        "metric: the network gives its inputs back, and finds neither a class nor numbers: got "
        '"accuracy"; allowed: "roc_auc"'
    ]
    assert parse_job(document({**CONTENTS, "classes": 5}, model=AUTOENCODER)).judged_by == "roc_auc"


def test_settings_that_a_metric_does_not_have() -> None:
    (fault,) = refused(CONTENTS, metric="roc_auc", model=AUTOENCODER, training={"augmentation": {"shift": 1}})
    assert fault.startswith("training.augmentation: an autoencoder is to give back the image as it is")
    (fault,) = refused(NUMBERS, metric="mean_squared_error", evaluation={"target_accuracy": 0.5})
    assert fault.startswith("evaluation.target_accuracy: the mean squared error is no share of the test images")
