"""The request as our views know it, typed; nothing is attached to it at run time elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from pyramid.decorator import reify
from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request as PyramidRequest
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.journal import PUBLIC, Actor, Journal
from supervision.security import Identity, Permission, Program
from supervision.settings import Clock, Settings

T = TypeVar("T")
BEGAN_AT = (
    "supervision.began_at"  # key in the environment of WSGI; no client can set it: headers begin with HTTP_
)


class Request(PyramidRequest):
    @reify
    def conf(self) -> Settings:
        return self.registry.supervision

    @property
    def clock(self) -> Clock:
        return self.registry.clock

    @reify
    def db(self) -> Session:
        """The session of this request's transaction; see supervision.web.database."""
        from supervision.web.database import session_of

        return session_of(self)

    @property
    def evidence(self) -> EvidenceStore:
        return self.registry.evidence

    @reify
    def journal(self) -> Journal:
        return Journal(self.db, self.clock)

    @property
    def viewer(self) -> Identity:
        """The signed-in person. Raises HTTPForbidden for the public: such a view should ask a permission."""
        identity: Identity | None = self.identity
        if identity is None:
            raise HTTPForbidden
        return identity

    @property
    def actor(self) -> Actor:
        identity: Identity | None = self.identity
        return identity.actor if identity else PUBLIC

    @reify
    def program(self) -> Program | None:
        """The company's program whose token came with the request; cookies play no part in it."""
        found: Program | None = self.registry.program_of(self)
        return found

    def may(self, permission: Permission | str) -> bool:
        # A request refused while its address was being resolved has no context; rights do not depend on one.
        return bool(self.has_permission(str(permission), getattr(self, "context", self)))

    def service(self, kind: type[T]) -> T:
        """The service of this class for this request's transaction."""
        from supervision.web.services import find_service

        return find_service(self, kind)

    @property
    def language(self) -> str:
        """``zh`` or ``en``, for bilingual data."""
        return "en" if self.locale_name == "en" else "zh"

    def say(self, text: str, **values: Any) -> str:
        """A source string in the visitor's language, for flash messages and errors."""
        from pyramid.i18n import TranslationStringFactory

        marked = TranslationStringFactory("supervision")(text)
        translated: str = self.localizer.translate(marked)
        return translated % values if values else translated

    def now(self) -> dt.datetime:
        return self.clock.now()

    @reify
    def began_at(self) -> dt.datetime:
        """When the first byte of the request came in, where the server tells it (supervision.web.server); else when it
        was first asked for. A slow line does not make a filing late."""
        told: dt.datetime | None = self.environ.get(BEGAN_AT)
        return told or self.now()
