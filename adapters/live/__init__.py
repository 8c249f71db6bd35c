"""What happens, as it happens, to the pages that are open: one WebSocket each."""
