"""What the judge measures on a rig: plain numbers, each about one part of it, not a number where it does not apply."""

from __future__ import annotations

from .fingers import about_fingers
from .fit import about_fit
from .heard import about_heard
from .limbs import about_limbs
from .notes import Features
from .placed import PlacedRig
from .stance import about_stance


def features_of(rig: PlacedRig) -> Features:
    """All of them."""
    found = Features()
    about_fit(rig, found)
    about_stance(rig, found)
    about_limbs(rig, found)
    about_fingers(rig, found)
    about_heard(rig, found)
    return found
