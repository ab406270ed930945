"""Documents as they are read: JSON, one fault per mistake with its path, and the published schemas."""
