"""The rules of the game as code: dice, experience, encounters, and checks that a proposal agrees with them.

All arithmetic is integer; nothing here reads a file, a clock or a source of chance.
"""
