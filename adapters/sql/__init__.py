"""SQL databases for the read models: engines, upserts, readers."""
