"""What the commands have in common: a recipe, a preset, and typed options for all of its fields."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import tyro

from inference.errors import BonewrightError
from training.recipes import find_recipe, recipe_names

from .loop.errors import TrainingError
from .loop.recipe import Config, Recipe

Options = TypeVar("Options")


def read_command(options: type[Options], arguments: Sequence[str]) -> tuple[Recipe[Config], Config, Options]:
    """`RECIPE [--preset NAME] [options] [fields of the recipe's config]`; --help shows all of them.

    `options` is a dataclass with a field `preset`.
    """
    if not arguments or arguments[0].startswith("-"):
        names = ", ".join(recipe_names())
        raise TrainingError(f"Name a recipe first: {names}. RECIPE --help lists the options.")
    recipe = find_recipe(arguments[0])
    preset = _preset(arguments, options)
    if preset not in recipe.presets:
        raise TrainingError(f"'{recipe.name}' has no preset '{preset}'. Choose one of: {', '.join(recipe.presets)}.")
    config = recipe.presets[preset]
    both = dataclasses.make_dataclass(
        "Both",
        [
            ("options", tyro.conf.OmitArgPrefixes[options], dataclasses.field(default_factory=options)),
            ("config", tyro.conf.OmitArgPrefixes[type(config)], dataclasses.field(default=config)),
        ],
        frozen=True,
    )
    asked = tyro.cli(both, args=list(arguments[1:]), prog=f"{sys.argv[0]} {arguments[0]}", description=recipe.__doc__)
    return recipe, asked.config, asked.options


def _preset(arguments: Sequence[str], options: type[Options]) -> str:
    """The preset that is asked for: it is the default of everything else, so it must be known first."""
    for place, word in enumerate(arguments):
        if word.startswith("--preset="):
            return word.removeprefix("--preset=")
        if word == "--preset" and place + 1 < len(arguments):
            return arguments[place + 1]
    return str(getattr(options(), "preset"))  # noqa: B009 - the type is only known to have it


def run_command(main: Callable[[Sequence[str]], None]) -> None:
    """Run a command's main; what the user can mend is one line, not a trace."""
    try:
        main(sys.argv[1:])
    except BonewrightError as error:
        sys.exit(f"{error}")
