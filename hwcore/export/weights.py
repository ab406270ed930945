"""weights.safetensors: the weights that the arrays and their digital scale stand for."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from hwcore.export.results import Results


def write_weights(path: Path, results: Results) -> None:
    """Write the network as plain matrices and kernels, for each layer in float64, in torch's orientation.

    `<layer>.weight` (out, in), of a convolution (out, in, kernel, kernel): scale_j (g_pos_ij - g_neg_ij).
    `<layer>.bias` (out,): the digital bias, or the bias row at its drive. `<layer>.scale` (out,): 1/S.
    `<layer>.levels`, `<layer>.thresholds`: the quantised activation, where there is one:
    y = levels[number of thresholds at or below f(x W^T + b)], of a convolution after its pooling.
    An activation that does not follow a layer alone has them under the name of its own node, and a normalisation that
    is folded into no array `<node>.scale` and `<node>.offset`, one for each channel.
    """
    tensors: dict[str, Tensor] = {}
    stands_for: dict[str, str] = {}
    for layer in results.network.layers:
        digital, plan = layer.digital, layer.plan
        effective = digital.scale * layer.difference
        bias = digital.bias if layer.bias_drive is None else effective[-1] * layer.bias_drive
        if layer.array.second is not None:
            effective = effective[~layer.array.second]
        weight = effective[: plan.inputs].T.reshape(-1, *plan.window.kernel_shape)
        tensors[f"{layer.name}.weight"] = weight.contiguous()
        tensors[f"{layer.name}.bias"] = bias.contiguous()
        tensors[f"{layer.name}.scale"] = digital.scale.contiguous()
        tail = results.network.graph.tail(layer.name).activation
        if tail is not None:
            stands_for[tail.name] = layer.name
    for name, numbers in results.network.nodes.items():
        key = stands_for.get(name, name)
        tensors |= {f"{key}.{part}": tensor for part, tensor in numbers.tensors.items()}
    # save_file makes the file readable by its owner alone, whatever the umask.
    path.write_bytes(save(tensors, metadata={"format": "mho.weights/1"}))
