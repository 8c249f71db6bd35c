"""What an NPC says when no language model is asked: intent, tone, grammar, line."""
