"""Pure domain logic of an NPC: affect, relationships, memory, decisions, paths, prices. No I/O, no clock."""
