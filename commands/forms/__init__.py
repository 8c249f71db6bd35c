"""What the things of a campaign consist of: one table of fields per kind, from which validation and forms follow."""
