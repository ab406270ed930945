"""Currents of a small array as fractions: Kirchhoff's law at every node, with no rounding anywhere."""

from fractions import Fraction

import torch

from hwcore.wires import Wires


def exact_transfer(g: torch.Tensor, wires: Wires) -> torch.Tensor:
    """M to the last bit, driver by driver; all four resistances above zero."""
    rows, cols = g.shape
    cells = [[Fraction(value) for value in row] for row in g.tolist()]
    word, bit, driver, sense = (Fraction(r) for r in (wires.r_word, wires.r_bit, wires.r_driver, wires.r_sense))
    # Nodes: the word line at every cell, the bit line at every cell.
    count = 2 * rows * cols
    matrix = [[Fraction(0)] * count for _ in range(count)]

    def branch(a: int, b: int | None, conductance: Fraction) -> None:
        """Between two nodes, or between one and a known potential."""
        matrix[a][a] += conductance
        if b is not None:
            matrix[b][b] += conductance
            matrix[a][b] -= conductance
            matrix[b][a] -= conductance

    for i in range(rows):
        for j in range(cols):
            w, b = i * cols + j, rows * cols + i * cols + j
            branch(w, b, cells[i][j])
            if j == 0:
                branch(w, None, 1 / (driver + word))
            else:
                branch(w, w - 1, 1 / word)
            if i == rows - 1:
                branch(b, None, 1 / (bit + sense))
            else:
                branch(b, b + cols, 1 / bit)
    columns = []
    for i in range(rows):
        columns.append([Fraction(0)] * count)
        columns[i][i * cols] = 1 / (driver + word)
    potentials = _solved(matrix, columns)
    last = rows * cols + (rows - 1) * cols
    currents = [[float(v[last + j] / (bit + sense)) for j in range(cols)] for v in potentials]
    return torch.tensor(currents, dtype=torch.float64)


def _solved(matrix: list[list[Fraction]], columns: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss and Jordan, for several right-hand sides."""
    table = [[*row, *(column[k] for column in columns)] for k, row in enumerate(matrix)]
    size = len(matrix)
    for k in range(size):
        pivot = next(row for row in range(k, size) if table[row][k])
        table[k], table[pivot] = table[pivot], table[k]
        table[k] = [value / table[k][k] for value in table[k]]
        for row in range(size):
            if row != k and table[row][k]:
                factor = table[row][k]
                table[row] = [value - factor * above for value, above in zip(table[row], table[k], strict=True)]
    return [[table[k][size + c] for k in range(size)] for c in range(len(columns))]
