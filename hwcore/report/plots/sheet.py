"""Sheet of every picture: its type, lines and colours, and the SVG file that it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

BLACK: Final = "#000000"
GREY: Final = "#6e6e6e"
PALE: Final = "#d9d9d9"
BLUE: Final = "#0072b2"
VERMILLION: Final = "#d55e00"
"""Blue and vermillion are told apart with every kind of colour blindness, and in print without colour by their marks.

Source: M. Okabe, K. Ito 2008, https://jfly.uni-koeln.de/color/."""

WIDTH: Final = 6.3
"""Inches: the text of an A4 page."""
TYPE: Final = 9.0
"""Points."""
_STYLE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "font.family": ["DejaVu Sans"],
        "font.size": TYPE,
        "axes.labelsize": TYPE,
        "axes.titlesize": TYPE,
        "xtick.labelsize": TYPE,
        "ytick.labelsize": TYPE,
        "legend.fontsize": 8.0,
        "legend.frameon": False,
        "axes.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": PALE,
        "grid.linewidth": 0.6,
        "xtick.major.width": 0.7,
        "ytick.major.width": 0.7,
        "lines.linewidth": 1.5,
        "lines.markersize": 4.5,
        "errorbar.capsize": 2.5,
        "axes.unicode_minus": True,
        # Outlines of letters look the same in every viewer; the salt gives elements the same names in every run.
        "svg.fonttype": "path",
        "svg.hashsalt": "mho",
    }
)


@contextmanager
def sheet(path: Path, height: float) -> Iterator[Figure]:
    """Give an empty figure, 6.3 inches wide and `height` inches high, and write it as SVG at the end of the block.

    The file depends neither on the user's settings of matplotlib nor on the time of day. Inside the block the settings
    of matplotlib are those of the sheet, in all threads; afterwards they are the previous ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context():
        settings: Any = _defaults() | dict(_STYLE)
        matplotlib.rcParams.update(settings)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure
        figure.savefig(path, format="svg", metadata={"Date": None})


def _defaults() -> dict[str, Any]:
    """Default settings of matplotlib, without the choice of a window system, which files do not need."""
    return {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")}
