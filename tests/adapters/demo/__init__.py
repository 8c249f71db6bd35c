"""The parts of the demo that can be tried without a platform."""
