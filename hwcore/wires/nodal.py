"""The circuit as it stands, node by node: slow and obvious, and what the elimination is held to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64
from scipy.sparse import coo_array, csc_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu
from torch import Tensor

from hwcore.wires.wires import Wires

REFINEMENTS = 3
"""Each takes the error down by the condition number times 1e-16; the first leaves less than can be stored."""


@dataclass(frozen=True, eq=False)
class NodalSolution:
    """Potentials of every node for some inputs.

    Attributes:
        g: conductances of the cells, S.
        wires: resistances.
        drive: potentials of the sources, V.
        word: potentials of the word lines at the cells, V.
        bit: potentials of the bit lines at the cells, V.
        cell_voltage: word line less bit line, V, taken before the potentials were rounded.
    """

    g: Float64[Tensor, "rows cols"]
    wires: Wires
    drive: Float64[Tensor, "batch rows"]
    word: Float64[Tensor, "batch rows cols"]
    bit: Float64[Tensor, "batch rows cols"]
    cell_voltage: Float64[Tensor, "batch rows cols"]

    @property
    def cell_current(self) -> Float64[Tensor, "batch rows cols"]:
        """Ohm's law, A."""
        return self.g * self.cell_voltage

    @property
    def current(self) -> Float64[Tensor, "batch cols"]:
        """Currents that arrive at the sense amplifiers, A: a bit line collects its cells."""
        return self.cell_current.sum(1)


def nodal(
    g: Float64[Tensor, "rows cols"],
    drive: Float64[Tensor, "batch rows"],
    wires: Wires,
    sense: Float64[Tensor, "batch cols"] | None = None,
) -> NodalSolution:
    """Kirchhoff's law of currents at every node: B^T C B v = 0 wherever the potential v is not given.

    B takes potentials to the voltages of the branches, C are the conductances of the branches. Nodes are the sources,
    the ends of the sense resistances, and two per cell; those without resistance between them are one node. The
    solution is refined with the currents that are left over, in the longest floating-point numbers of the machine:
    a segment of a milliohm beside a cell of a megohm would otherwise cost half of the digits.

    Args:
        g: conductances, S, from 0.
        drive: potentials of the sources, V.
        wires: resistances.
        sense: potentials of the ends of the sense resistances, V; None: ground.

    Source: nodal analysis, Ho, Ruehli and Brennan 1975, doi:10.1109/TCS.1975.1084079; iterative refinement, Golub
    and Van Loan, Matrix Computations, 4th ed., section 3.5.3.
    """
    rows, cols = g.shape
    source, ground = np.arange(rows), rows + np.arange(cols)
    word = (rows + cols + np.arange(rows * cols)).reshape(rows, cols)
    bit = word + rows * cols
    segments = [
        (source, word[:, 0], wires.first_word),
        (word[:, :-1], word[:, 1:], wires.r_word),
        (bit[:-1], bit[1:], wires.r_bit),
        (bit[-1], ground, wires.last_bit),
    ]
    label, count = _joined([(a, b) for a, b, r in segments if r == 0], 2 * rows * cols + rows + cols)
    branches = [(a, b, np.full(a.shape, 1 / np.longdouble(r))) for a, b, r in segments if r > 0]
    branches.append((word, bit, g.detach().numpy().astype(np.longdouble)))

    ends = torch.zeros(len(drive), cols, dtype=torch.float64) if sense is None else sense
    potential = np.zeros((count, len(drive)), dtype=np.longdouble)
    given = label[: rows + cols]
    potential[given] = torch.cat([drive, ends], 1).numpy().T
    _solve(potential, np.setdiff1d(np.arange(count), given), branches, label)

    at_cells = [potential[label[nodes]].transpose(2, 0, 1) for nodes in (word, bit)]
    word_line, bit_line, across = (
        torch.from_numpy(each.astype(np.float64)) for each in (*at_cells, at_cells[0] - at_cells[1])
    )
    return NodalSolution(g.detach(), wires, drive, word_line, bit_line, across)


def nodal_transfer(g: Float64[Tensor, "rows cols"], wires: Wires) -> Float64[Tensor, "rows cols"]:
    """Compute `transfer` driver by driver: currents with 1 V on one driver and 0 V on the others, S."""
    return nodal(g, torch.eye(len(g), dtype=torch.float64), wires).current


def nodal_gradient(
    g: Float64[Tensor, "rows cols"], wires: Wires, upstream: Float64[Tensor, "rows cols"]
) -> Float64[Tensor, "rows cols"]:
    """Gradient of sum_ij upstream_ij M_ij with respect to g, by the adjoint identity and two solutions.

    dI_c / dg_ij is the voltage across the cell times that with all sources at 0 V and 1 V at the end of the sense
    resistance c, bit line less word line. Column c of `upstream` is the drive of output c.
    """
    rows, cols = g.shape
    driven = nodal(g, upstream.mT.contiguous(), wires)
    ends = torch.eye(cols, dtype=torch.float64)
    adjoint = nodal(g, torch.zeros(cols, rows, dtype=torch.float64), wires, ends)
    return -(driven.cell_voltage * adjoint.cell_voltage).sum(0)


def _joined(pairs: list[tuple[np.ndarray, np.ndarray]], nodes: int) -> tuple[np.ndarray, int]:
    """A label for every node; nodes that are joined by a wire without resistance have the same."""
    a, b = (np.concatenate([pair[k].ravel() for pair in pairs] or [np.zeros(0, dtype=int)]) for k in (0, 1))
    count, label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(nodes, nodes)), directed=False)
    return label, count


def _solve(
    potential: np.ndarray,
    unknown: np.ndarray,
    branches: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    label: np.ndarray,
) -> None:
    """Fill in the unknown potentials, V; branches are (node, node, conductance), many at a time."""
    if not len(unknown):
        return
    a, b = (np.concatenate([label[each[k]].ravel() for each in branches]) for k in (0, 1))
    conductance = np.concatenate([each[2].ravel() for each in branches])
    number, one = np.arange(len(a)), np.ones(len(a), dtype=np.longdouble)
    shape = (len(a), len(potential))
    voltage = csr_array(coo_array((np.r_[one, -one], (np.r_[number, number], np.r_[a, b])), shape=shape))
    # The same in float64, where it is factored.
    rounded = voltage.astype(np.float64)
    laplacian = (rounded.T @ diags_array(conductance.astype(np.float64)) @ rounded)[unknown][:, unknown]
    factors = splu(csc_array(laplacian))
    for _ in range(1 + REFINEMENTS):
        surplus = voltage.T @ (conductance[:, None] * (voltage @ potential))
        potential[unknown] -= factors.solve(surplus[unknown].astype(np.float64))
