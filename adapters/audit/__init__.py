"""What an auditor asks of the log: single decisions, a replay with recorded answers, a rerun with other models."""
