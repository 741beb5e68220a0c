"""How an example is varied each time it is shown, shared by all recipes."""
