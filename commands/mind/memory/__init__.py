"""What an NPC perceived, how it is kept, and how it is found again: pure, deterministic, without a model."""
