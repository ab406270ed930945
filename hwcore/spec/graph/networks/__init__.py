"""Networks as graphs: a builder for each."""
