"""Commented TOML files with working defaults; secrets only come from the environment."""
