"""Process managers: they react to commits, think with the help of a model, and append the outcome."""
