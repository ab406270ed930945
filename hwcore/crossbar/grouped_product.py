"""Products of layers whose columns are cut into groups, each with drives of its own."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def block_drives(
    drive: Float[Tensor, "products drives"], rows: tuple[int, int], groups: int
) -> Float[Tensor, "products block_drives"]:
    """The drives of some rows: of one group after the other the same ones.

    Args:
        drive: of all rows of all groups, any unit.
        rows: the first row of a group and the one after the last.
        groups: from 1.
    """
    start, stop = rows
    if groups == 1:
        return drive[:, start:stop]
    return drive.reshape(len(drive), groups, -1)[:, :, start:stop].flatten(1)


def grouped_product(
    drive: Float[Tensor, "products drives"], matrix: Float[Tensor, "rows cols"], groups: int
) -> Float[Tensor, "products cols"]:
    """I_j = sum_i V_(q(j), i) m_ij: every column sees the drives of its group q(j).

    The groups are beside each other and equally wide; one group is the product of two matrices.

    Args:
        drive: of the rows, group after group, any unit.
        matrix: any unit; its columns are those of one group after the other.
        groups: from 1.
    """
    if groups == 1:
        return drive @ matrix
    rows, cols = matrix.shape
    by_group = drive.reshape(len(drive), groups, rows).transpose(0, 1)
    columns = matrix.reshape(rows, groups, cols // groups).transpose(0, 1)
    return (by_group @ columns).transpose(0, 1).reshape(len(drive), cols)


def of_each_column(
    values: Float[Tensor, "*some drives"], rows: int, cols: int, groups: int
) -> Float[Tensor, "*some rows cols"]:
    """Spread numbers that belong to drives over the columns that see them.

    Args:
        values: of the drives, group after group, any unit.
        rows: of a group.
        cols: of all groups.
        groups: from 1.
    """
    by_group = values.reshape(*values.shape[:-1], groups, rows).mT
    return by_group.repeat_interleave(cols // groups, -1)
