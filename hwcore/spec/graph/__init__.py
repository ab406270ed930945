"""Graph of a network: named nodes, arrays and digital operations alike; one file for each kind of node in `kinds`."""
