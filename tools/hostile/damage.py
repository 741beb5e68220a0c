"""Random damage to valid files: to bytes, to the numbers in headers, to words of text and to JSON."""

from __future__ import annotations

import contextlib
import json
import re
import struct
from collections.abc import Callable

import numpy as np

from tools.hostile.valid import joined, split

HEADER = 120  # bytes at the start of a file that say what follows
NUMBERS = (0, 1, 2, -1, 127, 255, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**53, 10**30)
WORDS = (
    b"nan",
    b"inf",
    b"-inf",
    b"1e308",
    b"-1",
    b"0",
    b"4294967295",
    b"99999999999999999999",
    b"",
    b"\xff\xfe",
    b"x" * 99,
)
VALUES = (
    None,
    True,
    -1,
    0,
    1,
    2**31,
    2**63,
    1e308,
    -1e-308,
    "",
    "x",
    "../../etc/passwd",
    "http://127.0.0.1/x",
    [],
    {},
    [[]],
)
SINGLES = (float("nan"), float("inf"), -float("inf"), 3e38, 1e-38, 1e20, 0.0)
Damage = Callable[[bytes, np.random.Generator], bytes]


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """One to three kinds of damage, one after another."""
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        kinds = [flip, overwrite, cut, repeat, claim, *[numbers] * 4]
        if content[:4] == b"glTF" or content[:1] == b"{":
            kinds += [in_json] * 6
        elif _is_text(content):
            kinds += [word] * 3
        # Earlier damage may have left nothing for this kind.
        with contextlib.suppress(ValueError, struct.error, IndexError, KeyError, UnicodeDecodeError):
            content = kinds[int(rng.integers(len(kinds)))](content, rng)
    return content


def flip(content: bytes, rng: np.random.Generator) -> bytes:
    """Some bits, mostly of the header."""
    made = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        place = int(rng.integers(min(len(made), HEADER) if rng.random() < 0.6 else len(made)))
        made[place] ^= 1 << int(rng.integers(8))
    return bytes(made)


def overwrite(content: bytes, rng: np.random.Generator) -> bytes:
    """A run of bytes with noise, zeros or ones."""
    start = int(rng.integers(len(content)))
    length = int(rng.integers(1, 64))
    kind = int(rng.integers(3))
    new = rng.bytes(length) if kind == 0 else bytes([0 if kind == 1 else 255]) * length
    return content[:start] + new + content[start + length :]


def cut(content: bytes, rng: np.random.Generator) -> bytes:
    """The end, or a piece of the middle."""
    start = int(rng.integers(1, len(content)))
    return content[:start] if rng.random() < 0.6 else content[:start] + content[start + int(rng.integers(1, 400)) :]


def repeat(content: bytes, rng: np.random.Generator) -> bytes:
    """A piece many times."""
    start = int(rng.integers(len(content)))
    piece = content[start : start + int(rng.integers(1, 200))]
    return content[:start] + piece * int(rng.integers(2, 60)) + content[start:]


def claim(content: bytes, rng: np.random.Generator) -> bytes:
    """A number of the header that counts something, bigger than what follows."""
    place = int(rng.integers(max(1, min(len(content), HEADER) - 4)))
    number = int(rng.choice([2**32 - 1, 2**31, 2**31 - 1, 2**28, 2**24, 0]))
    return content[:place] + struct.pack("<I", number) + content[place + 4 :]


def numbers(content: bytes, rng: np.random.Generator) -> bytes:
    """Some floating-point numbers of the body."""
    made = bytearray(content)
    for _ in range(int(rng.choice([1, 10, 1000]))):
        place = int(rng.integers(HEADER, max(HEADER + 1, len(made) - 4)))
        new = SINGLES[int(rng.integers(len(SINGLES)))] if rng.random() < 0.5 else float(rng.normal(scale=100))
        made[place : place + 4] = struct.pack("<f", new)
    return bytes(made)


def word(content: bytes, rng: np.random.Generator) -> bytes:
    """A word of a text by another."""
    found = list(re.finditer(rb"\S+", content[: int(rng.choice([400, len(content)]))]))
    hit = found[int(rng.integers(len(found)))]
    return content[: hit.start()] + WORDS[int(rng.integers(len(WORDS)))] + content[hit.end() :]


def in_json(content: bytes, rng: np.random.Generator) -> bytes:
    """A value of the document by another, or gone, or twice."""
    if content[:4] == b"glTF":
        document, binary = split(content)
        return joined(_changed(document, rng), binary)
    return json.dumps(_changed(json.loads(content), rng)).encode()


def _changed(document: dict, rng: np.random.Generator) -> dict:
    places = list(_places(document))
    holder, key = places[int(rng.integers(len(places)))]
    kind = rng.random()
    if kind < 0.15:
        del holder[key]  # type: ignore[arg-type]
    elif kind < 0.25 and isinstance(holder, list):
        holder.extend([holder[int(key)]] * int(rng.choice([1, 7, 3000])))
    elif isinstance(holder[key], (int, float)) and kind < 0.8:  # type: ignore[index, call-overload]
        holder[key] = NUMBERS[int(rng.integers(len(NUMBERS)))]  # type: ignore[index, call-overload]
    else:
        holder[key] = VALUES[int(rng.integers(len(VALUES)))]  # type: ignore[index, call-overload]
    return document


def _places(value: object) -> list[tuple[dict | list, str | int]]:
    """All (holder, key) of a document."""
    found: list[tuple[dict | list, str | int]] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, (dict, list)):
            continue
        keys = list(item) if isinstance(item, dict) else range(len(item))
        found += [(item, key) for key in keys]
        waiting += item.values() if isinstance(item, dict) else item
    return found


def _is_text(content: bytes) -> bool:
    return b"\0" not in content[:2000]
