"""Who made a file and what it is; which artists each fold holds out."""

from collections import Counter
from pathlib import Path

import pytest

from training.datasets.folds import artist_folds, folds_of
from training.datasets.labels import attributed_files, read_artists, read_known


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Three files: two of named artists, one of the pack's."""
    (tmp_path / "SOURCES.csv").write_text(
        "file,kind,licence,repo,path,commit,vertices,joints,split\n"
        "rigged/bird/owl.glb,bird,CC-BY-4.0,somebody/owls,owl.glb,0,10,3,val\n"
        "rigged/bird/hen.glb,bird,MIT,somebody/hens,hen.glb,0,10,3,train\n"
        "rigged/bird/duck.glb,bird,CC0-1.0,somebody/packs,duck.glb,0,10,3,train\n"
    )
    (tmp_path / "ATTRIBUTION.csv").write_text(
        "file,licence,author,title,source_page\n"
        "rigged/bird/owl.glb,CC-BY-4.0,Ada (https://ada.example),Owl,https://ada.example/owl\n"
        "rigged/bird/hen.glb,MIT,,Hen,\n"
    )
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "joints.csv").write_text(
        "file,plan,front,pose,doubt,labels\n"
        "rigged/bird/owl.glb,bird,+Z,natural,0,hips wing.1.L wing.1.R\n"
        "rigged/bird/hen.glb,bird,?,natural,0,hips\n"
    )
    return tmp_path


def test_files_know_their_artists(library: Path) -> None:
    assert attributed_files(library) == {"owl", "hen"}
    assert read_artists(library) == {
        "owl": "Ada (https://ada.example)",
        "hen": "of somebody/hens",
        "duck": "Quaternius",
    }


def test_labels_say_what_a_file_is(library: Path) -> None:
    owl, hen = read_known(library)["owl"], read_known(library)["hen"]
    assert (owl.plan, owl.front, owl.labels) == ("bird", True, ("hips", "wing.1.L", "wing.1.R"))
    assert not hen.front


def test_a_folder_without_tables_is_of_nobody_known(tmp_path: Path) -> None:
    assert read_known(tmp_path) == {}
    assert attributed_files(tmp_path) == frozenset()


def test_only_files_of_many_artists_are_held_out(library: Path) -> None:
    assert set(folds_of(library)) == {"owl", "hen"}


def test_an_artist_is_wholly_in_one_fold_and_folds_are_about_as_large() -> None:
    artists = {f"file {number}": f"artist {number // 3}" for number in range(90)}
    folds = artist_folds(artists, 5, seed=1)
    assert all(folds[f"file {n}"] == folds[f"file {3 * (n // 3)}"] for n in range(90))
    assert Counter(folds.values()) == dict.fromkeys(range(5), 18)


def test_folds_are_the_same_for_the_same_seed_alone() -> None:
    artists = {f"file {number}": f"artist {number}" for number in range(40)}
    assert artist_folds(artists, seed=3) == artist_folds(dict(reversed(artists.items())), seed=3)
    assert artist_folds(artists, seed=3) != artist_folds(artists, seed=4)
