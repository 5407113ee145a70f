from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base, new_public_id


class Company(Base):
    """A heat company (供热企业). ``city`` and ``service_areas`` are the scope its bills are priced in."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("length(code) >= 2", name="code_length"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    code: Mapped[str] = mapped_column(
        String(40), unique=True, doc="short, stable, in addresses: harbin-songbei"
    )
    name_zh: Mapped[str] = mapped_column(String(120), unique=True)
    name_en: Mapped[str] = mapped_column(String(120))
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(40), index=True)
    service_areas: Mapped[list[str]] = mapped_column(
        JSON, default=list, doc="tariff areas served beside the city"
    )
    is_active: Mapped[bool] = mapped_column(default=True)
