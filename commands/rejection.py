"""A command that may not happen, with the code and the field that say why."""

from __future__ import annotations

from commands.codes import Code
from events.errors import LorestreamError


class Rejected(LorestreamError):
    """Raised by deciders and gates; nothing was appended.

    Parameters: `code` a negative code; `message` a sentence that names the remedy; `field` the dotted path of
    the offending field, if one is to blame; `retry_after_ms` when waiting helps.
    """

    def __init__(
        self, code: Code, message: str, *, field: str | None = None, retry_after_ms: int | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.field, self.retry_after_ms = code, message, field, retry_after_ms
