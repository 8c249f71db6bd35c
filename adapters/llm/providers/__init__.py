"""The model providers: the port of `adapters.llm.port` on the official SDKs of OpenAI and Anthropic."""

from __future__ import annotations

import os
from collections.abc import Mapping

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Provider
from adapters.llm.providers.anthropic import AnthropicSdk
from adapters.llm.providers.openai import OpenAISdk
from adapters.llm.providers.provider import SdkProvider


def open_provider(entry: ProviderEntry, environment: Mapping[str, str] = os.environ) -> Provider:
    """The provider of one table of `providers.toml`, with its key from `environment`.

    Nothing is loaded and nobody is called: that happens at its first `prepare` or call.
    """
    secret = entry.secret(environment)
    sdk = AnthropicSdk(entry, secret) if entry.type == "anthropic" else OpenAISdk(entry, secret)
    return SdkProvider(entry, secret, sdk)
