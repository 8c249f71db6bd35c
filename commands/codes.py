"""The error codes of the script command specification, appendix A, with meaning and recovery.

Codes are negative on every wire; positive ones are warnings: the operation succeeded, with a note.
`SUCCESS_WITH_WARNINGS` is ours, from the range 1–99 that §5.1 keeps for them.
"""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """One code; `meaning` and `recovery` are sentences an operator can act on."""

    meaning: str
    recovery: str

    def __new__(cls, value: int, meaning: str = "", recovery: str = "") -> Code:
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.recovery = recovery
        return member

    SUCCESS = 0, "The operation completed.", "Nothing to do."
    SUCCESS_WITH_FALLBACK = 1, "A fallback answered instead of the model.", "Continue."
    SUCCESS_CACHED = 2, "The answer came from the cache.", "Continue."
    SUCCESS_WITH_WARNINGS = (
        3,
        "Done; some fields were kept without being understood.",
        "Check the names in unknown_fields.",
    )

    ALREADY_EXISTS = -100, "The NPC is already registered.", "Use the existing one."
    INVALID_PARAMETER = -101, "A parameter failed validation.", "Fix the script; the message names the field."
    INVALID_JSON = -102, "JSON could not be parsed.", "Check the format; the message names the place."
    INVALID_NPC_ID = (
        -103,
        "The NPC id has an invalid format.",
        "Check the naming: 1 to 128 printable characters.",
    )
    MISSING_REQUIRED_FIELD = -104, "A required field is missing.", "Send the field the message names."
    PARAMETER_OUT_OF_RANGE = -105, "A parameter is outside its range.", "Use a value inside the range named."

    NPC_NOT_FOUND = -200, "The NPC is not registered.", "Register it first."
    STATE_UNAVAILABLE = -201, "The state cannot be retrieved right now.", "Retry."
    OPERATION_NOT_ALLOWED = -202, "The operation is not possible in this state.", "Check the state."
    INVALID_STATE_TRANSITION = -203, "The state does not lead there.", "Check the order of the calls."

    SERVICE_UNAVAILABLE = -500, "A part that is needed is down.", "Use a fallback and retry later."
    TIMEOUT = -501, "The operation did not finish in time.", "Retry or use a fallback."
    LLM_ERROR = -502, "The language model failed.", "Use a fallback."
    RATE_LIMITED = -503, "Too many requests.", "Wait for retry_after_ms and retry."
    AUTHENTICATION_FAILED = -504, "The caller is not allowed to do this.", "Check keys and permissions."

    SYSTEM_ERROR = (
        -600,
        "Something unforeseen happened.",
        "Look the id of the message up in the service's log.",
    )
    OUT_OF_MEMORY = -601, "The service ran out of memory.", "Alert the operator."
    NETWORK_ERROR = -602, "The network between parts of the service failed.", "Retry; alert if it lasts."
    IPC_ERROR = -603, "The frames of the message were not understood.", "Check the client's envelope."

    @property
    def is_failure(self) -> bool:
        return self < 0
