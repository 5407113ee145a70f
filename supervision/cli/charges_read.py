"""The register of charges that a command is given as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supervision.cli.refusals import CANNOT_USE, stop, stop_for

if TYPE_CHECKING:
    from checks.fees import FeeRegister


def read_charges(file: Path | None) -> FeeRegister:
    """The register of the file (JSON as the portal hands it out at /fees.json, or YAML), or the one that ships. Ends the
    command where it cannot be used."""
    from checks.fees import load_register, shipped_register
    from checks.tariffs.errors import TariffError

    if file is None:
        return shipped_register()
    try:
        return load_register(file)
    except OSError as error:
        stop_for(file, error, CANNOT_USE)
    except TariffError as error:
        stop(f"{file}：{error.zh}", f"{file}: {error.en}", CANNOT_USE)
    except UnicodeDecodeError:
        stop(f"{file}：请存为 UTF-8。", f"{file}: save it as UTF-8.", CANNOT_USE)
