"""Numbers of training and test examples in words, held against those of the official split."""


def described_split(train: int, test: int, official_train: int, official_test: int, what: str = "images") -> str:
    """Words for a split: as in the official one, a subset of it, or another set.

    Args:
        train, test: number of examples there are.
        official_train, official_test: number of those in the official split.
        what: the examples are.
    """
    if (train, test) == (official_train, official_test):
        return f"{train:,} training and {test:,} test {what}, as in the official split"
    kind = "subset" if train <= official_train and test <= official_test else "another set"
    return (
        f"{kind}: {train:,} training and {test:,} test {what}, not the official split of "
        f"{official_train:,} and {official_test:,}"
    )
