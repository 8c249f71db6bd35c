"""NATS JetStream: the embedded server, the streams, the log, commands and timers."""
