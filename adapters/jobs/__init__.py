"""Long work that operators ask for over HTTP: in a process of its own, one at a time, watched."""
