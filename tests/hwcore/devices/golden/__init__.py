"""Values of other tools that the models of devices are held to."""
