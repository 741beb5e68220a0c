"""How good rigs are on artists never seen, and what each stage of the way costs."""
