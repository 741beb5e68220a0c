"""One file per network. `training.recipes.NAME` holds an object named RECIPE."""

from __future__ import annotations

import importlib
import pkgutil

from training.loop.errors import TrainingError
from training.loop.recipe import Config, Recipe


def recipe_names() -> list[str]:
    """Every recipe of this folder; files that begin with _ are none."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def find_recipe(name: str) -> Recipe[Config]:
    """A recipe by its file's name, or by a dotted module name for one that lives elsewhere."""
    if "." not in name and name not in recipe_names():
        raise TrainingError(f"There is no recipe '{name}'. Choose one of: {', '.join(recipe_names())}.")
    module = importlib.import_module(name if "." in name else f"training.recipes.{name}")
    recipe = getattr(module, "RECIPE", None)
    if not isinstance(recipe, Recipe):
        raise TrainingError(f"'{module.__name__}' has no RECIPE.")
    return recipe
