"""Legends of characters: bloodlines and cross-class syntheses, which grow by the same rules."""
