"""Vectors of memories in Qdrant: optional, for worlds that configure an embedder."""
