"""One layer's conductances in every format that can be asked for."""
