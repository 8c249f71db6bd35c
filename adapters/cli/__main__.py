"""`python -m adapters.cli` is `lorestream`, for a checkout that is not installed."""

from adapters.cli.main import main

main()
