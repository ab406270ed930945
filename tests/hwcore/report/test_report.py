"""report.json: its keys stand in the order that readers know, and it holds plain values alone."""

import json

from hwcore.report import ConverterRanges
from hwcore.report.report import FORMAT
from tests.hwcore.export.drawn_results import drawn_results, job_for
from tests.hwcore.layers.drawn_networks import described

REPORT = drawn_results(
    job_for(described("exponential, ratio 8, negative at 0.8", "relu of 2 bits", {"bias": "array_row"}))
).report
KEYS = (
    "format name labels dataset warnings method seed ladder target_accuracy target_accuracy_source rounding mapping "
    "over_time costs adc layers curves"
)
LAYER_KEYS = (
    "name kind positions rows cols bias tiles cells utilisation level_counts_pos level_counts_neg clipped_weights "
    "scale_smallest scale_largest scale_unit activation_range adc alone"
)


def test_the_keys_of_a_report_stand_in_their_order() -> None:
    entry = REPORT.to_json()
    assert list(entry) == KEYS.split()
    assert entry["format"] == FORMAT == "mho.report/1"
    assert list(entry["dataset"]) == ["name", "split", "training_images", "held_out_images", "test_images"]
    assert list(entry["rounding"]) == ["note", "full_range", "least_error"]
    assert list(entry["mapping"]) == ["note", "largest_relative_difference", "predictions_identical"]
    assert {tuple(each) for each in entry["over_time"]} == {
        ("seconds", "stage", "compensation", "accuracy", "std", "p05", "chips")
    }
    assert {tuple(each) for each in entry["layers"]} == {tuple(LAYER_KEYS.split())}
    assert list(entry["layers"][0]["adc"]) == ["conversions", "clipped"]
    assert list(entry["layers"][0]["alone"]) == ["accuracy", "accuracy_lost", "std", "chips"]
    assert {tuple(each) for each in entry["curves"]["float"]} == {("epoch", "loss", "validation", "sharpness")}


def test_a_report_reads_back_from_its_text_as_it_is() -> None:
    entry = REPORT.to_json()
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry


def test_the_layers_are_those_of_the_network() -> None:
    first, second, last = REPORT.layers
    # 21 inputs and a bias row to 9 units, on arrays of 8 rows and 5 columns: three by two tiles.
    assert (first.name, first.kind, first.rows, first.cols, first.bias) == ("fc1", "dense", 22, 9, "array_row")
    assert (first.tiles, first.cells, first.utilisation) == (6, 396, 198 / 240)
    assert sum(first.level_counts_pos) == sum(first.level_counts_neg) == 198
    assert len(first.level_counts_pos) == 4
    assert 0 < second.clipped_weights < 1
    assert 0 < second.scale_smallest <= second.scale_largest
    assert last.activation_range is None


def test_the_ranges_of_converters_stand_next_to_their_accuracies() -> None:
    ranges = ConverterRanges({"type": "full"}, 0.5, {"type": "calibrated", "percentile": None}, 0.75)
    entry = ranges.to_json()
    assert list(entry) == ["note", "range", "accuracy", "other_range"]
    assert entry["other_range"] == {"type": "calibrated", "percentile": None, "accuracy": 0.75}
