"""The refusal of a command: a code of the script command specification, a reason, and the field to
correct.
"""

from __future__ import annotations


class Rejected(Exception):
    """Raised by a decider when a command cannot be carried out as sent; nothing has happened.

    code: negative number of the script command specification, appendix A (-101 invalid parameter, …).
    message: what is wrong and how to correct it, for a person.
    field: path of the parameter at fault, such as `items[3].amount`.
    """

    def __init__(self, code: int, message: str, field: str) -> None:
        super().__init__(f"{field}: {message}")
        self.code = code
        self.message = message
        self.field = field
