"""Fetch the 3D viewer of the gallery: `python -m tools.viewer`."""

from __future__ import annotations

import sys

from tools.viewer import main

sys.exit(main())
