"""The purpose `bloodline`: what a deed does for the legendary bloodlines of a character. Pure."""

from __future__ import annotations

from commands.agents.legend_growth import Kind, purpose
from commands.bloodline import WORDS

KIND = Kind("bloodline", "legend_bloodlines", WORDS)
BLOODLINE = purpose(KIND)
