"""Files over HTTP: ranges, conditions, digests, archives."""
