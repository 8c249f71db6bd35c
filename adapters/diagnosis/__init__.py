"""Examining a machine and a running platform: small checks, each with its remedy."""
