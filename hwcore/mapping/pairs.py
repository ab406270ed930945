"""Differential pairs of one array: both components as one value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64, UInt8
from torch import Tensor

from hwcore.spec import ComponentTables


@dataclass(frozen=True, eq=False)
class Components:
    """One matrix of the positive components of an array, and one of the negative ones: conductances, or what follows.

    It iterates over the two, positive first; with slices of rows and columns it is that of a tile.

    Attributes:
        pos, neg: of every cell, S unless said otherwise.
    """

    pos: Float64[Tensor, "*tiles rows cols"]
    neg: Float64[Tensor, "*tiles rows cols"]

    def __iter__(self) -> Iterator[Tensor]:
        yield from (self.pos, self.neg)

    def __getitem__(self, place: tuple[slice, slice]) -> Components:
        return Components(self.pos[place], self.neg[place])

    @property
    def difference(self) -> Float64[Tensor, "*tiles rows cols"]:
        """pos - neg: the current of a pair of bit lines over the drive of a word line."""
        return self.pos - self.neg


@dataclass(frozen=True, eq=False)
class Pairs:
    """Codes and conductances of the pairs of one array, rows = word lines, cols = bit lines.

    Attributes:
        code_pos, code_neg: level of every cell.
        g_pos, g_neg: conductance of every cell, S.
    """

    code_pos: UInt8[Tensor, "rows cols"]
    code_neg: UInt8[Tensor, "rows cols"]
    g_pos: Float64[Tensor, "rows cols"]
    g_neg: Float64[Tensor, "rows cols"]

    @staticmethod
    def of(
        code_pos: UInt8[Tensor, "rows cols"], code_neg: UInt8[Tensor, "rows cols"], tables: ComponentTables
    ) -> Pairs:
        """Pairs of these codes, with the conductance of every code.

        Args:
            code_pos: level of every positive cell.
            code_neg: level of every negative cell.
            tables: conductance of each code, S.
        """
        g_pos, g_neg = torch.from_numpy(tables.g_pos), torch.from_numpy(tables.g_neg)
        return Pairs(code_pos, code_neg, g_pos[code_pos.long()], g_neg[code_neg.long()])

    def of_rows(self, rows: Int64[Tensor, " some"]) -> Pairs:
        """The pairs of these rows, one after the other."""
        return Pairs(self.code_pos[rows], self.code_neg[rows], self.g_pos[rows], self.g_neg[rows])

    @property
    def shape(self) -> tuple[int, int]:
        """Word lines and bit lines."""
        rows, cols = self.g_pos.shape
        return rows, cols

    @property
    def g(self) -> Components:
        """The conductances alone, S."""
        return Components(self.g_pos, self.g_neg)
