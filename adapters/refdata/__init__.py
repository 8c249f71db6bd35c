"""Reference data: spells, creatures, classes, items, rules and conditions of a ruleset, imported and read-only."""
