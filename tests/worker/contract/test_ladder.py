from __future__ import annotations

from worker.contract.ladder import ladder_lines


def test_the_columns_stand_below_each_other() -> None:
    ladder = [
        {"stage": "float", "accuracy": 0.98123, "std": None, "count": 10000, "chips": None},
        {"stage": "hardware_aware", "accuracy": 1.0, "std": None, "count": 10000, "chips": None},
        {"stage": "programming", "accuracy": 0.9, "std": 0.0123, "count": 10000, "chips": 25},
    ]
    assert list(ladder_lines(ladder)) == [
        "stage           accuracy       std   images  chips",
        "float            98.12 %         -    10000      -",
        "hardware_aware  100.00 %         -    10000      -",
        "programming      90.00 %    1.23 %    10000     25",
    ]
