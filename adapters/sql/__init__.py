"""SQL databases: engines, and what is stored beside the projections."""
