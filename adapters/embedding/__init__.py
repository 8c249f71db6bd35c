"""Recall by meaning: vectors of memories computed at leisure, kept for ever, and asked for over NATS."""
