"""The command line, `lorestream`."""
