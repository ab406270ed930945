"""The names of the layers, the same in artifacts, reports and requests."""


def layer_names(count: int) -> tuple[str, ...]:
    """Names of `count` dense layers from input to output: ("fc1", "fc2", ...)."""
    return tuple(f"fc{number}" for number in range(1, count + 1))
