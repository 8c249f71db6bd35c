"""What can become a fact: the commit envelope, subjects, codec, upcasting, and the event types by category."""
