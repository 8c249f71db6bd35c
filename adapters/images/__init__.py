"""Pictures: decoding strangers' files, drawing cards, keeping bytes, asking models."""
