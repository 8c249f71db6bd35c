"""The purpose `synthesis`: what a deed does for the cross-class syntheses of a character. Pure."""

from __future__ import annotations

from commands.agents.legend_growth import Kind, purpose
from commands.synthesis import WORDS

KIND = Kind("synthesis", "cross_class_synthesis", WORDS)
SYNTHESIS = purpose(KIND)
