"""What several recipes are tested with."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.datasets.builders.build import build
from training.datasets.packed.skeletal import SkeletalViews
from training.datasets.packed.views import views_source


@pytest.fixture(scope="session")
def skeletal_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two chairs and two lamps with skeletons to learn from, one of each for evaluation."""
    path = tmp_path_factory.mktemp("skeletal") / "skeletal.safetensors"
    options = SkeletalViews(1, 1, size=32, points=300, val_points=300, surface=200, samples=160, volumes=(16, 32))
    build(path, views_source(("chair", "lamp"), range(2), 1), options)
    return path
