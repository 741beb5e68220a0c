"""Configs as JSON values and back, so that a checkpoint and a card can be read without the program that wrote them."""

from __future__ import annotations

import dataclasses
import typing

from .errors import CheckpointError
from .recipe import Config

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
Record = typing.TypeVar("Record")


def as_values(record: object) -> Value:
    """A dataclass as nested dicts and lists."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {item.name: as_values(getattr(record, item.name)) for item in dataclasses.fields(record)}
    if isinstance(record, list | tuple):
        return [as_values(item) for item in record]
    if record is None or isinstance(record, bool | int | float | str):
        return record
    return str(record)  # paths


def from_values(form: type[Record], values: Value) -> Record:
    """The dataclass again. Fields that the values lack keep their defaults; unknown ones are an error."""
    if not isinstance(values, dict):
        raise CheckpointError(f"A {form.__name__} was expected, not {values!r}.")
    hints = typing.get_type_hints(form)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise CheckpointError(f"{form.__name__} has no field '{unknown[0]}': it was written by another version.")
    return form(**{name: _field(hints[name], value) for name, value in values.items()})


def _field(hint: object, value: Value) -> object:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_values(hint, value)
    if isinstance(value, list):
        inner = typing.get_args(hint)
        each = inner[0] if inner else object
        return tuple(_field(each, item) for item in value)
    if isinstance(hint, type) and isinstance(value, str) and not issubclass(str, hint):
        return hint(value)
    return value


def first_difference(ours: Config, theirs: Value) -> str | None:
    """Names the first field in which a config differs from stored values, with both values."""
    mine = as_values(ours)
    return _difference("", mine, theirs)


def _difference(name: str, ours: Value, theirs: Value) -> str | None:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            found = _difference(f"{name}.{key}" if name else key, ours.get(key), theirs.get(key))
            if found:
                return found
        return None
    return None if ours == theirs else f"{name} is {ours!r}, it was {theirs!r}"
