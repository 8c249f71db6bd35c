"""The game master's assistant: drafts of places, people, quests and events that fit a campaign and its rules. Pure.

A model, or where there is none the tables of `conf/gamemaster`, writes a draft; code checks it; only a game master
makes an element of it.
"""
