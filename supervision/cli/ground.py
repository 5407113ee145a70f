"""What every command stands on: the configuration file, the register, the evidence, and errors in two languages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.cli.refusals import CANNOT_RUN, CANNOT_USE, stop
from supervision.db import begin, make_engine, read
from supervision.settings import Clock, Settings, SettingsError, SystemClock
from supervision.settings.evidence import open_evidence
from supervision.users import PasswordCost, Passwords

__all__ = ["CANNOT_RUN", "CANNOT_USE", "Ground", "stop"]


@dataclass
class Ground:
    ini: Path
    data: Path | None = None

    @cached_property
    def values(self) -> dict[str, str]:
        """The ``app:main`` section of the configuration, with --data put in its place."""
        if not self.ini.is_file():
            stop(f"找不到配置文件 {self.ini}。", f"No configuration file {self.ini}; name one with --config.")
        values = _section(self.ini)
        if self.data is not None:
            values["supervision.data"] = str(self.data.resolve())
        if os.environ.get("SUPERVISION_PUBLIC_URL"):
            values["supervision.public_url"] = os.environ["SUPERVISION_PUBLIC_URL"]
        return values

    @cached_property
    def settings(self) -> Settings:
        try:
            return Settings.from_mapping(self.values)
        except SettingsError as error:
            stop(f"配置文件 {self.ini} 有误：{error}", f"{self.ini} cannot be used: {error}")

    @cached_property
    def engine(self) -> Engine:
        self.settings.data.mkdir(parents=True, exist_ok=True)
        return make_engine(self.settings.database_url)

    def close(self) -> None:
        """No connection to the register is left."""
        if "engine" in vars(self):
            self.engine.dispose()

    @cached_property
    def evidence(self) -> EvidenceStore:
        return open_evidence(self.settings)

    @cached_property
    def passwords(self) -> Passwords:
        return Passwords(PasswordCost())

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        self.must_be_current()
        with begin(self.engine) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        self.must_be_current()
        with read(self.engine) as session:
            yield session

    def must_be_current(self) -> None:
        """Ends the command where the register has not been brought to this version yet. Makes none."""
        from supervision.db.schema import is_current

        if not self._is_there() or not is_current(self.engine):
            stop(
                "登记库尚未建立或版本较旧，请先运行：supervision init",
                "The register is missing or older than this version; run first: supervision init",
            )

    def _is_there(self) -> bool:
        """False for a SQLite register whose file is not there: looking would make it, and the data folder with it."""
        url = self.values.get("supervision.database_url", "")
        if not url:
            folder = Path(self.values.get("supervision.data", "var")).expanduser()
            return (folder / "register.sqlite").is_file()
        return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).is_file()


def _section(ini: Path) -> dict[str, str]:
    """The ``app:main`` section. Ends the command where the file has none or is no configuration."""
    import configparser

    import plaster

    try:
        sections = plaster.get_sections(str(ini))
        found = dict(plaster.get_settings(str(ini), "app:main")) if "app:main" in sections else {}
    except (configparser.Error, UnicodeDecodeError, ValueError) as error:
        said = str(error).splitlines()[0]
        stop(
            f"配置文件 {ini} 无法读取：{said}",
            f"{ini} is no configuration: {said}. Start from production.ini.",
        )
    if not found:
        stop(
            f"配置文件 {ini} 没有 [app:main] 一节。",
            f"{ini} has no section [app:main]; start from development.ini or production.ini.",
        )
    return found
