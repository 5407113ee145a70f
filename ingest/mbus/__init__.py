"""M-Bus telegrams of heat meters (EN 13757-2 and -3): a frame proved whole, and the values of now in it, exact."""

from __future__ import annotations

from ingest.mbus.telegram import Telegram, TelegramRefused, Value, read_telegram

__all__ = ["Telegram", "TelegramRefused", "Value", "read_telegram"]
