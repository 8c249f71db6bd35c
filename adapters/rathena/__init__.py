"""rAthena: the ZeroMQ gateway that game servers talk to."""
