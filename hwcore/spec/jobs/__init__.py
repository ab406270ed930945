"""Job documents: dataset, network, training, evaluation, files, and what is warned of."""
