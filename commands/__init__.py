"""What may happen: pure deciders, the handler loop that runs them, and the error codes."""
