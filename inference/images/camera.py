"""The camera that took every picture, as far as networks know: the papers', and the frame that it sees in.

Seen frame: the camera stands at (0, -DISTANCE, 0), looks along +Y, +Z is up and +X right; the object is about unit
sized around the origin.
"""

from __future__ import annotations

import math

DISTANCE = 2.732
FIELD_OF_VIEW = 30.0  # degrees, the whole angle
WIDTH = 2 * DISTANCE * math.tan(math.radians(FIELD_OF_VIEW / 2))  # of the picture at the origin's depth: 1.464
