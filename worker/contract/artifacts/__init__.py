"""Files of an attempt, from its own folder to the manifest of its job."""
