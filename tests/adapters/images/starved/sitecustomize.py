"""Gives the worker of one test less memory than its picture takes."""

import resource

_setrlimit = resource.setrlimit


def _less(which: int, limits: tuple[int, int]) -> None:
    _setrlimit(which, (150 * 1024 * 1024,) * 2 if which == resource.RLIMIT_AS else limits)


resource.setrlimit = _less
