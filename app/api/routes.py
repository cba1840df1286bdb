"""Every route of the JSON API; docs/api.md lists them, and GET /api/v1/openapi.json describes them."""

from flask import Flask

from app.api import (
    access_log,
    accounts,
    card,
    consents,
    counterfactuals,
    explanation,
    exports,
    imports,
    limiting,
    logs,
    notices,
    openapi,
    profiles,
    public_notices,
    receipts,
    recipients,
    rectifications,
    releases,
    requests,
    restorations,
    reviews,
    score,
    sessions,
    transparency,
)


def register(app: Flask) -> None:
    """Put the API under /api/v1."""
    for resource in (
        accounts,
        card,
        sessions,
        consents,
        imports,
        limiting,
        access_log,
        score,
        counterfactuals,
        explanation,
        exports,
        releases,
        requests,
        restorations,
        reviews,
        receipts,
        recipients,
        transparency,
        logs,
        notices,
        openapi,
        profiles,
        public_notices,
        rectifications,
    ):
        app.register_blueprint(resource.views)
