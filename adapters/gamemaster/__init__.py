"""The game master's assistant at work: what it looks up, whom it asks, and what it proposes."""
