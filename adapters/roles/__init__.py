"""The processes of the platform: one composition root per role, and the supervisor."""
