"""A scene with three NPCs, played over a real ZeroMQ socket: a story for people, a smoke test for machines."""
