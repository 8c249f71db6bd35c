"""Events of one model provider's stream, `provider/<key in conf/providers.toml>`."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event


@event("provider.status_changed")
@dataclass(frozen=True, slots=True)
class ProviderStatusChanged(Event):
    """An operator or a script switched the provider on or off (`ai_set_provider_status`)."""

    enabled: bool
    reason: str = ""
