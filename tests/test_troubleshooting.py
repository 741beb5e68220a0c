"""The messages that the page explains are the messages that the program says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
MESSAGES = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)


def said() -> str:
    """Every source, with the seams of strings that run over several lines closed and what is filled in cut out."""
    files = [*ROOT.glob("inference/**/*.py"), *ROOT.glob("addon/**/*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    text = re.sub(r"\"\s*\n\s*f?\"", "", text)
    return re.sub(r"\{[^{}]*\}", "…", text)


SAID = said()


@pytest.mark.parametrize("message", MESSAGES)
def test_the_program_says_it(message: str):
    for fragment in re.split(r"\s*…[ '.,]*|SIGKILL", message):
        assert fragment in SAID


def test_there_are_messages():
    assert len(MESSAGES) > 20
