"""The page of attributions names everybody once, under the licence, with a link to author and work."""

from pathlib import Path

import pytest

from tools.pages.attribution import PAGE, page

LIBRARY = Path(__file__).parents[3] / "shared" / "data"


def test_works_stand_under_their_licence_and_author(tmp_path: Path) -> None:
    (tmp_path / "ATTRIBUTION.csv").write_text(
        "file,licence,author,title,source_page\n"
        "b.glb,CC-BY-4.0,Bob (https://bob.example/me),Bee [old],https://bob.example/bee\n"
        "a.glb,CC-BY-4.0,Bob (https://bob.example/me),Ant_1,https://bob.example/ant\n"
        "c.glb,MIT,,,\n"
    )
    (tmp_path / "SOURCES.csv").write_text("file,repo\na.glb,x/y\nb.glb,x/y\nc.glb,someone/cows\n")
    lines = page(tmp_path).splitlines()
    bob = "* [Bob](<https://bob.example/me>): "
    assert bob + "[Ant\\_1](<https://bob.example/ant>), [Bee \\[old\\]](<https://bob.example/bee>)" in lines
    assert "* [the authors of someone/cows](<https://github.com/someone/cows>): c" in lines
    assert lines.index("## [MIT](<https://opensource.org/license/mit>)") > lines.index(
        "## [CC-BY-4.0](<https://creativecommons.org/licenses/by/4.0/>)"
    )


@pytest.mark.skipif(not LIBRARY.exists(), reason="the library of models is not here")
def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(LIBRARY), "run python -m tools.pages.attribution"
