"""What is known: the projector and one module per read model (its tables, its fold, its queries)."""
