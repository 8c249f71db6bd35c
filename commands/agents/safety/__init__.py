"""What keeps hostile text from becoming a command or an answer: on the way in, and on the way out. Pure.

No filter recognises every attack, so nothing rests on recognising one. Instructions stand in the system message only
and never hold foreign text; a model's answer can only fill the fields of one proposal, in which no command, actor or id
can be named; what a player must not hear is not put before the model at all. The checks on answers come on top.
"""
