"""Digital arithmetic around the arrays, one pure function per operation: fold, unfold, pool, activation."""

from hwcore.digital.activation import activated
from hwcore.digital.fold import fold_normalization
from hwcore.digital.pool import pooled
from hwcore.digital.unfold import as_maps, padded, unfolded

__all__ = ["activated", "as_maps", "fold_normalization", "padded", "pooled", "unfolded"]
