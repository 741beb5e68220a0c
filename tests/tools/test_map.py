"""The map shows the house as it is."""

from tools.pages.map import FLOORS, PAGE, ROOT, folders, page, purpose


def test_the_map_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tools.pages.map"


def test_every_file_says_what_it_is_for() -> None:
    paths = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    assert not [str(path.relative_to(ROOT)) for path in paths if not purpose(path)]


def test_every_room_says_what_it_is_for() -> None:
    rooms = [folder for floor in FLOORS for folder in folders(ROOT / floor)]
    silent = [str(room.relative_to(ROOT)) for room in rooms if not (room / "__init__.py").exists()]
    assert silent == ["tools"], "commands are run one by one; all other folders are rooms"
