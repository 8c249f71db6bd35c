"""Accounts: who may sign in, with which password, and the tokens of those who did. None of it is in the log."""
