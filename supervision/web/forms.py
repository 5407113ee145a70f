"""Deform with our own Jinja2 widget templates: structure and validation from Deform, none of its scripts or styles."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import colander
import deform
import jinja2
from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.csrf import get_csrf_token
from pyramid.i18n import get_localizer


class Chinese(str):
    """A choice that is data in Chinese, marked as such on an English page."""

    __slots__ = ()
    lang = "zh-CN"


class Form:
    """The form cycle: show, or validate and hand over. ``submitted`` is a mapping of clean values or None; after a
    failed validation ``html`` shows the values again with what is wrong and how to mend it."""

    def __init__(self, request: Any, schema: colander.Schema, *, button: str, name: str = "form") -> None:
        environment: jinja2.Environment = request.registry.widget_environment
        self._request = request
        localizer = get_localizer(request)

        def renderer(template: str, **values: Any) -> Markup:
            found = environment.get_template(f"widgets/{template}.jinja2")
            html = found.render(_=_translate(localizer), csrf_token=get_csrf_token(request), **values)
            return Markup(html)  # noqa: S704 -- our own autoescaped template

        self._form = deform.Form(
            schema.bind(request=request),
            action=request.path_qs,
            buttons=(deform.Button("submit", request.say(button)),),
            renderer=renderer,
            formid=name,
            use_ajax=False,
            # One count per page: two forms on it never share an id.
            counter=request.__dict__.setdefault("_field_numbers", itertools.count(1)),
        )
        self.html: Markup = Markup("")
        self._appstruct: Mapping[str, Any] | None = None

    def act(self, path: str) -> Form:
        """Submit to ``path`` instead of the page itself."""
        self._form.action = path
        return self

    def shown(self, values: Mapping[str, Any] | None = None) -> Form:
        self.html = self._form.render(dict(values or {}))
        return self

    def submitted(self) -> dict[str, Any] | None:
        """Clean values of a valid POST, else None; then ``html`` holds the form with its errors and status is 422."""
        try:
            clean: dict[str, Any] = self._form.validate(list(self._request.POST.items()))
        except deform.ValidationFailure as failure:
            self._request.response.status = 422
            self.html = failure.render()
            return None
        self._appstruct = clean
        return clean

    def refuse(self, field: str, message: str) -> None:
        """Mark ``field`` as wrong after validation (something only the service could know)."""
        node = self._form[field]
        node.error = colander.Invalid(node.schema, message)
        self._form.error = colander.Invalid(self._form.schema, message)
        self._request.response.status = 422
        self.html = self._form.render(dict(self._appstruct or {}))


def _translate(localizer: Any) -> Any:
    def say(text: Any) -> str:
        if not isinstance(text, str):
            return str(text)
        # Colander and Deform mark their own messages with their own domain; ours are plain source strings.
        return str(localizer.translate(text, domain=getattr(text, "domain", None) or "supervision"))

    return say


def includeme(config: Configurator) -> None:
    config.registry.widget_environment = jinja2.Environment(
        loader=jinja2.PackageLoader("supervision.web", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
