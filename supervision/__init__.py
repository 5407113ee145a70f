"""The portal: who may do what, when, with which trace."""

from __future__ import annotations

import warnings
from typing import Any

# Pyramid and pyramid_jinja2 still ask pkg_resources; setuptools is pinned for them (docs/dependencies.md).
warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)


def main(global_config: dict[str, Any], **settings: str) -> Any:
    """The WSGI application. Reads as the table of contents of the portal."""
    from supervision.web import make_configurator

    config = make_configurator(global_config, settings)
    config.include("supervision.jobs")
    config.include("supervision.users")
    config.include("supervision.companies")
    config.include("supervision.notifications")
    config.include("supervision.documents")
    config.include("supervision.tariffs")
    config.include("supervision.fees")
    config.include("supervision.filings")
    config.include("supervision.profiles")
    config.include("supervision.rules")
    config.include("supervision.channels")
    config.include("supervision.findings")
    config.include("supervision.ledgers")
    config.include("supervision.cases")
    config.include("supervision.complaints")
    config.include("supervision.ratings")
    config.include("supervision.portal")
    return config.make_wsgi_app()
