"""The pictures: what stands in them, the same bytes for the same report, and nothing left behind in matplotlib."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from hwcore.report import Report, plot_ladder, plot_over_time, plot_training
from hwcore.report.words import stage_in_words, time_in_words
from tests.hwcore.report.plots.drawn_reports import chips, over_time, report, rung, stage_of

PLOTS: tuple[Callable[[Path, Report], None], ...] = (plot_ladder, plot_over_time, plot_training)


def words(path: Path) -> list[str]:
    """Every text of a picture: matplotlib leaves it as a comment before its outlines."""
    return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))


def drawn(plot: Callable[[Path, Report], None], folder: Path, content: Report) -> Path:
    plot(folder / "plots" / "picture.svg", content)
    return folder / "plots" / "picture.svg"


@pytest.mark.parametrize("plot", PLOTS)
def test_it_is_an_svg_of_the_width_of_a_page_without_a_date(tmp_path: Path, plot: Any) -> None:
    path = drawn(plot, tmp_path, report())
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.attrib["width"] == f"{6.3 * 72:g}pt"
    assert "<dc:date>" not in path.read_text(encoding="utf-8")
    # It is shown in a browser, from the service's own address.
    assert not [element for element in root.iter() if element.tag.endswith(("script", "image", "foreignObject"))]


@pytest.mark.parametrize("plot", PLOTS)
def test_the_same_report_gives_the_same_bytes_whatever_the_user_has_set(tmp_path: Path, plot: Any) -> None:
    once = drawn(plot, tmp_path / "once", report()).read_bytes()
    with matplotlib.rc_context({"font.size": 30, "svg.hashsalt": None, "axes.grid": False, "lines.linewidth": 9}):
        assert drawn(plot, tmp_path / "again", report()).read_bytes() == once
        assert matplotlib.rcParams["font.size"] == 30


@pytest.mark.parametrize("plot", PLOTS)
def test_another_report_gives_another_picture(tmp_path: Path, plot: Any) -> None:
    content = report()
    once = drawn(plot, tmp_path, content).read_bytes()
    others = [replace(entry, spread=replace(entry.spread, accuracy=0.9)) for entry in content.over_time]
    floats = tuple(replace(record, validation=0.9) for record in content.curves["float"])
    other = replace(
        content,
        ladder=(*content.ladder, rung("hardware_aware", 0.9)),
        over_time=tuple(others),
        curves={**content.curves, "float": floats},
    )
    assert drawn(plot, tmp_path, other).read_bytes() != once


def test_nothing_stays_behind_in_matplotlib(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    for plot in PLOTS:
        drawn(plot, tmp_path, report())
    assert dict(matplotlib.rcParams) == before


def test_the_ladder_has_every_rung_in_words_and_numbers(tmp_path: Path) -> None:
    found = words(drawn(plot_ladder, tmp_path, report()))
    assert [each for each in found if each in WORDS] == WORDS
    for number in ("98.60", "94.00", "98.50", "98.30 ± 0.06", "97.50", "98.12 ± 0.10", "95.90 ± 0.80"):
        assert number in found
    assert "test accuracy (%), 10,000 images" in found
    assert {"one network, 95 % interval", "25 chips, mean ± standard deviation", "5th percentile"} <= set(found)


WORDS = [stage_in_words(rung.stage) for rung in report().ladder]


def test_a_ladder_of_single_networks_has_no_word_about_chips(tmp_path: Path) -> None:
    content = replace(report(), ladder=(rung("float", 0.99), rung("rounded", 0.98)))
    assert not [
        each for each in words(drawn(plot_ladder, tmp_path, content)) if "chips" in each or "percentile" in each
    ]


def test_a_single_chip_has_no_deviation_and_a_stage_without_words_has_its_name(tmp_path: Path) -> None:
    content = replace(report(), ladder=(rung("new", 0.0), chips("programming", 1.0, None, 1)))
    found = words(drawn(plot_ladder, tmp_path, content))
    assert {"new", "programming noise", "0.00", "100.00"} <= set(found)


def test_chips_of_several_numbers(tmp_path: Path) -> None:
    content = replace(report(), ladder=(chips("programming", 0.98, 0.01, 25), chips("all@20", 0.97, 0.01, 100)))
    assert "25 to 100 chips, mean ± standard deviation" in words(drawn(plot_ladder, tmp_path, content))


def test_an_accuracy_far_below_the_others_brings_a_logit_scale_that_is_named(tmp_path: Path) -> None:
    near, far = (words(drawn(plot_ladder, tmp_path, report(rounded=accuracy))) for accuracy in (0.95, 0.2))
    assert "test accuracy (%), 10,000 images" in near
    assert "test accuracy (%), 10,000 images, logit scale" in far


def test_over_time_there_is_a_line_with_and_one_without_compensation(tmp_path: Path) -> None:
    path = drawn(plot_over_time, tmp_path, report())
    found = words(path)
    for word in ("drift,", "all effects,", "not compensated", "one factor per tile", "as designed"):
        assert word in " ".join(found)
    assert [each for each in found if each in ("20 s", "1 h", "1 day", "1 year")] == ["20 s", "1 h", "1 day", "1 year"]
    assert "time after the write" in found
    # Two dashed lines without compensation, the dotted one as designed, and each of them once more in the legend.
    assert path.read_text(encoding="utf-8").count("stroke-dasharray") == 6


def test_a_network_trained_through_its_wires_is_told_from_them_and_they_are_marked(tmp_path: Path) -> None:
    content = report(reference="wires")
    before, after = (drawn(plot_ladder, tmp_path / name, each) for name, each in (("a", report()), ("b", content)))
    assert "wires (reference)" in words(after)
    assert not [word for word in words(before) if "reference" in word]
    assert after.read_text("utf-8").count("stroke-dasharray") == before.read_text("utf-8").count("stroke-dasharray") + 1
    lines = []
    for name, each in (("c", report()), ("d", content)):
        path = drawn(plot_over_time, tmp_path / name, each)
        assert ("with its wires" in words(path)) == (name == "d")
        dotted = re.search(
            r'<path d="([^"]*)"[^>]*style="[^"]*stroke-dasharray[^"]*stroke: #6e6e6e', path.read_text("utf-8")
        )
        assert dotted is not None
        lines.append(dotted[1])
    assert lines[0] != lines[1]


def test_without_compensation_there_are_dashed_lines_alone(tmp_path: Path) -> None:
    entries = tuple(entry for entry in over_time() if entry.compensation == "none")
    found = " ".join(words(drawn(plot_over_time, tmp_path, replace(report(), over_time=entries))))
    assert "not compensated" in found
    assert "factor" not in found


def test_a_single_time_is_drawn_as_well(tmp_path: Path) -> None:
    at_once = (entry for entry in over_time() if entry.seconds == 3600.0)
    entries = tuple(replace(entry, spread=replace(entry.spread, std=None)) for entry in at_once)
    assert "1 h" in words(drawn(plot_over_time, tmp_path, replace(report(), over_time=entries)))


def test_accuracy_over_time_without_times_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="over_time: got nothing; allowed: at least one accuracy"):
        plot_over_time(tmp_path / "picture.svg", replace(report(), over_time=()))
    assert not list(tmp_path.iterdir())


def test_the_training_has_sharpness_where_something_sharpens(tmp_path: Path) -> None:
    smooth, straight = (words(drawn(plot_training, tmp_path, report(sharpens=each))) for each in (True, False))
    assert {"floating point", "hardware-aware", "held-out accuracy (%)", "epoch", "(1/step)"} <= set(smooth)
    assert not [each for each in straight if "step" in each]


def test_many_epochs_have_no_marks(tmp_path: Path) -> None:
    few, many = (drawn(plot_training, tmp_path, report(epochs=n)).read_text(encoding="utf-8") for n in (40, 41))
    assert few.count("<use") > many.count("<use") + 100


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("hardware_aware", "trained for the hardware"),
        ("drift@20.0", "drift, after 20 s"),
        ("all@86400", "all effects, after 1 day"),
        ("something_new", "something_new"),
    ],
)
def test_stages_in_words(stage: str, expected: str) -> None:
    assert stage_in_words(stage_of(stage)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1e-9, "1e-09 s"),
        (0.5, "0.5 s"),
        (1.0, "1 s"),
        (60.0, "1 min"),
        (5400.0, "1.5 h"),
        (172800.0, "2 days"),
        (31536000.0, "1 year"),
        (315360000.0, "10 years"),
    ],
)
def test_times_in_words(seconds: float, expected: str) -> None:
    assert time_in_words(seconds) == expected
