"""Networks as modules, where training needs more than a table of parameters."""
