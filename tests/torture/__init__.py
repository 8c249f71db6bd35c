"""Processes are killed at random under load; afterwards the log alone must prove that nothing was lost."""
