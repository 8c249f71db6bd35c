"""How the platform touches the world: NATS, SQL, rAthena, HTTP, the command line."""
