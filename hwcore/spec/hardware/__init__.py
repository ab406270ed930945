"""Hardware descriptions: cell, array, converters, noise, and the presets."""
