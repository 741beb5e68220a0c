"""Command-line arguments from the fields of a request. Blender's own Python has no argument library but argparse."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import itertools
import textwrap
import typing
from collections.abc import Mapping, Sequence
from typing import TypeVar

from ...inference.errors import BadRequestError
from ...inference.kinds import ALIASES
from ...inference.requests import RigOptions

Request = TypeVar("Request")
_BOOLS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def add_fields(
    parser: argparse.ArgumentParser,
    request: type,
    aliases: Mapping[str, str],
    title: str = "how to rig",
    leave_out: Sequence[str] = (),
) -> None:
    """One `--option` for each field of the dataclass `request`, with the text under the field as its help.

    `aliases` are other words for some choices; `title` stands above them in the help.
    """

    def spelled(word: str) -> str:
        return aliases.get(word, word)

    group = parser.add_argument_group(title)
    types, texts = typing.get_type_hints(request), field_texts(request)
    for field in dataclasses.fields(request):
        if field.name in leave_out:
            continue
        flag, text, kind = "--" + field.name.replace("_", "-"), texts.get(field.name, ""), types[field.name]
        help_text = f"{text} (default: {'none' if field.default == '' else field.default})".replace("%", "%%")
        if typing.get_origin(kind) is typing.Literal:
            group.add_argument(flag, type=spelled, choices=typing.get_args(kind), default=field.default, help=help_text)
        elif kind is bool:
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default, help=help_text)
        else:
            what = "N" if kind is int else "NAME"
            group.add_argument(flag, type=kind, default=field.default, metavar=what, help=help_text)


def request_from(arguments: argparse.Namespace, request: type[Request]) -> Request:
    """The request that was asked for."""
    names = [field.name for field in dataclasses.fields(typing.cast(type, request))]
    return request(**{name: getattr(arguments, name) for name in names})


def options_from(words: Mapping[str, str], base: RigOptions, name: str) -> RigOptions:
    """`base` with what `words` ask for instead: option -> what a manifest says about the file `name`."""
    types = typing.get_type_hints(RigOptions)
    return dataclasses.replace(base, **{key: _value(types[key], key, word, name) for key, word in words.items()})


def _value(kind: type, key: str, word: str, name: str) -> object:
    """What a word in a table means."""
    choices = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()
    if choices:
        word = ALIASES.get(word, word)
        word = word.removesuffix(".0") if word.removesuffix(".0") in choices else word  # tables make numbers of 4
        if word in choices:
            return word
        known = ", ".join(choices)
    elif kind is bool:
        if word.lower() in _BOOLS:
            return _BOOLS[word.lower()]
        known = "true, false"
    else:
        number = word.removesuffix(".0")
        if number.lstrip("-").isdigit():
            return int(number)
        known = "a whole number"
    raise BadRequestError(f"'{word}' is no {key} for '{name}'. Known: {known}.")


def field_texts(request: type) -> dict[str, str]:
    """Field -> the docstring that follows it. Python keeps no such text at run time, so the source is asked."""
    body = ast.parse(textwrap.dedent(inspect.getsource(request))).body[0]
    texts: dict[str, str] = {}
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, text in itertools.pairwise(statements):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            texts[field.target.id] = inspect.cleandoc(str(text.value.value))
    return texts
