"""The compatible endpoint: `POST /v1/chat/completions` for games that can only be pointed at such a URL."""
