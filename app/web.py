"""`create_app`: the Flask application over one open house.

Routes lie in pages/ (HTML for people) and api/ (JSON for programs): two thin faces of the same domain
calls, a rule lives in neither. Around every request: security.py; every refusal: errors.py.
"""

import hmac

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from app import current, errors, language, security, signals
from app.api import routes
from app.pages import (
    about,
    access_log,
    account,
    audit_room,
    brand_contact,
    brand_figures,
    brand_notices,
    brand_offers,
    brand_people,
    brand_programs,
    brand_shipments,
    brand_team,
    brand_webhooks,
    brands,
    card,
    confirmation,
    consents,
    correcting,
    exports,
    fresh,
    history,
    home,
    imports,
    joining,
    limiting,
    log_files,
    mailing,
    notice_keys,
    perk_posts,
    perk_profile,
    perk_reviews,
    perks,
    problems,
    profile,
    published_log,
    receipt_desk,
    receipts,
    recipients,
    restoring,
    reviewing,
    rights,
    rights_by_code,
    score,
    signing,
    staff,
    staff_consents,
    staff_corrections,
    staff_limits,
    staff_notices,
    staff_requests,
)
from app.transaction import House
from app.upload import StreamedRequest

FORM_BYTES = 64 * 1024
PAGES = (
    about.pages,
    account.about_erased,
    access_log.pages,
    account.pages,
    audit_room.keys,
    audit_room.pages,
    brand_contact.pages,
    brand_figures.pages,
    brand_notices.pages,
    brand_offers.pages,
    brand_people.pages,
    brand_programs.pages,
    brand_shipments.pages,
    brand_team.pages,
    brand_webhooks.pages,
    brands.pages,
    card.pages,
    confirmation.pages,
    consents.pages,
    correcting.pages,
    exports.pages,
    fresh.pages,
    history.pages,
    home.pages,
    imports.pages,
    joining.pages,
    limiting.pages,
    mailing.pages,
    log_files.pages,
    notice_keys.pages,
    perk_posts.pages,
    perk_profile.pages,
    perk_reviews.pages,
    perks.pages,
    problems.pages,
    profile.pages,
    published_log.pages,
    reviewing.pages,
    reviewing.staff_pages,
    receipt_desk.pages,
    receipts.pages,
    recipients.pages,
    restoring.pages,
    rights.pages,
    rights_by_code.pages,
    score.pages,
    signing.pages,
    staff.pages,
    staff_consents.pages,
    staff_corrections.pages,
    staff_limits.pages,
    staff_notices.pages,
    staff_requests.pages,
)


class FormCookie(SecureCookieSessionInterface):
    """The cookie that form tokens are bound to; where none came and none is set, nothing is signed."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return SecureCookieSession()
        return super().open_session(app, request)


def create_app(house: House) -> Flask:
    """The application that serves one house."""
    app = Flask("app")
    app.request_class = StreamedRequest
    app.session_interface = FormCookie()
    app.config.update(_settings(house))
    current.register(app, house)
    language.register(app)
    security.register(app, house)
    signals.register(app)
    routes.register(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    errors.register(app)
    if hops := house.config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own documented way
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _settings(house: House) -> dict[str, object]:
    return {
        # Derived, so that the key file is never the key of two things.
        "SECRET_KEY": hmac.digest(house.keys.web, b"klarwert/form-cookie/v1", "sha256"),
        "SESSION_COOKIE_NAME": security.cookie_name(house.config, "form"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_SECURE": house.config.is_https,
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "MAX_FORM_PARTS": 20,
        "TRUSTED_HOSTS": security.trusted_hosts(house.config),
    }
