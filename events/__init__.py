"""What can become a fact: the commit envelope, subjects, codec, upcasting, event types by category."""
