"""A local server that speaks the wire formats of the model providers, for tests and for trials without a key."""
