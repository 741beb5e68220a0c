"""`python -m bonewright`: the command line, in any Python."""

import sys

from .addon.cli import main

sys.exit(main())
