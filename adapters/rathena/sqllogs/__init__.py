"""A game server's own SQL logs, tailed into the log: events without any C++."""
