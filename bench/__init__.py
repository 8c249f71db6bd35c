"""Measurements, side by side with floors and peers in one run; never asserted in a test."""
