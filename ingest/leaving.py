"""How a process that judged a file ends."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """The process ends with ``code``, all that it said written out. Nothing else is torn down: on a busy machine a thread of
    Arrow may still be starting, and the C++ library then aborts a process whose work is done."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # nobody listens any more
            code = code or 1
    os._exit(code)
