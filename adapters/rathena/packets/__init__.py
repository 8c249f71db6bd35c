"""The client packets of the AI features (`rathena-server-side.md` §6): structures, codec, and what fills them."""
