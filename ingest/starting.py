"""``python -m ingest.starting MODULE`` runs the module as a program that cannot load pandas.

pyarrow loads pandas as soon as an array is made, where it is installed. Nothing here uses it, and it is half of the time in
which a child starts.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence


class WithoutPandas:
    """A finder that knows of no pandas, asked before all others."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """None: the next finder is asked. Raises ModuleNotFoundError for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


if __name__ == "__main__":
    sys.meta_path.insert(0, WithoutPandas)
    runpy.run_module(sys.argv[1], run_name="__main__")
