"""A program of a brand, with nothing but Python's own library: tokens, offers, handovers, webhooks.

    client = Client("https://klarwert.example", "client id", "secret")
    for person in client.handover("offer id"):
        print(person["pseudonym"], person["values"])

Each person is handed over once per consent: write a line down before you ask for the next one. A redirection
is never followed, so no token goes to another host. `check_message` is what stands before everything else at
the address where messages come in.
"""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

TOLERANCE = 300  # seconds a message may be off
WAIT = 30


class Refused(Exception):
    """The service said no: `status`, and the problem document it sent (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: int | None) -> None:
        super().__init__(f"{status}: {problem.get('title') or problem.get('error')}")
        self.status, self.problem, self.retry_after = status, problem, retry_after


class MessageRefused(Exception):
    """A message that the service did not send, or sent too long ago."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """What is elsewhere is not asked for."""


class Client:
    """Speaks for one program of a brand."""

    def __init__(self, service: str, client_id: str, secret: str) -> None:
        parts = urllib.parse.urlsplit(service)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise ValueError("A token goes over https only.")
        self._service = service.rstrip("/")
        self._credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        self._opener = urllib.request.build_opener(_NoRedirects)
        self._token, self._until = "", 0.0

    def offers(self) -> list[dict[str, Any]]:
        """The brand's own offers."""
        return self._json("GET", "/brand/offers", "offer-fulfilment")["offers"]

    def create_offer(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        """Begin an offer."""
        return self._json("POST", "/brand/offers", body={"terms": terms})

    def bring_codes(self, offer_id: str, codes: list[str]) -> dict[str, Any]:
        """Put codes in stock."""
        return self._json("POST", f"/brand/offers/{offer_id}/codes", body={"codes": "\n".join(codes)})

    def publish(self, offer_id: str) -> dict[str, Any]:
        """Have a whole draft screened, and publish it."""
        self._json("POST", f"/brand/offers/{offer_id}/screening")
        return self._json("POST", f"/brand/offers/{offer_id}/publication")

    def handover(self, offer_id: str) -> Iterator[dict[str, Any]]:
        """What people agreed to since, one after another as it comes in; nobody is sent twice."""
        with self._ask("POST", f"/brand/offers/{offer_id}/handover", "offer-fulfilment") as lines:
            for line in lines:
                yield json.loads(line)

    def labels(self, offer_id: str) -> list[dict[str, Any]]:
        """How the promised posts stand, by pseudonym."""
        return self._json("GET", f"/brand/offers/{offer_id}/labels", "label-check")["labels"]

    def figures(self, offer_id: str) -> dict[str, Any]:
        """Reach and figures, “<10” or tens."""
        return self._json("GET", f"/brand/offers/{offer_id}/figures", "offer-figures")

    def notices(self) -> list[dict[str, Any]]:
        """Whose data are to be erased, corrected or left alone."""
        return self._json("GET", "/brand/notices", "offer-fulfilment")["notices"]

    def carried_out(self, notice_id: str) -> None:
        """Say that it was done."""
        path = f"/brand/notices/{notice_id}/acknowledgement"
        self._ask("POST", path, body={"request_status": "completed"}).close()

    def register_webhook(self, url: str, events: list[str]) -> dict[str, Any]:
        """Have messages sent; keep the secret that comes back."""
        return self._json("POST", "/brand/webhooks", body={"url": url, "events": events})

    def _json(self, method: str, path: str, use: str | None = None, body: object = None) -> Any:
        with self._ask(method, path, use, body) as answer:
            return json.load(answer)

    def _ask(self, method: str, path: str, use: str | None = None, body: object = None) -> Any:
        query = f"?{urllib.parse.urlencode({'use_context': use})}" if use else ""
        headers = {"Authorization": f"Bearer {self._fresh_token()}"}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        return self._send(f"/api/v1{path}{query}", method, headers, data)

    def _fresh_token(self) -> str:
        if time.monotonic() >= self._until:
            form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
            headers = {"Authorization": f"Basic {self._credentials}"}
            with self._send("/oauth/token", "POST", headers, form) as answer:
                given = json.load(answer)
            self._token, self._until = given["access_token"], time.monotonic() + given["expires_in"] - 60
        return self._token

    def _send(self, path: str, method: str, headers: dict[str, str], data: bytes | None) -> Any:
        url = self._service + path  # https, or this machine: checked above
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
        try:
            return self._opener.open(request, timeout=WAIT)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read()
            try:
                problem = json.loads(said)
            except ValueError:
                problem = {}
            wait = error.headers.get("Retry-After")
            raise Refused(error.code, problem, int(wait) if wait else None) from None


def check_message(
    secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None
) -> dict[str, Any]:
    """The message, if the service sent it just now (Standard Webhooks).

    Args:
        headers: with names in small letters. The same `webhook-id` may come again: act on it once.

    Raises:
        MessageRefused: altered, signed by somebody else, or too old.
    """
    try:
        name, sent_at = headers["webhook-id"], int(headers["webhook-timestamp"])
        signatures = headers["webhook-signature"].split()
    except (KeyError, ValueError):
        raise MessageRefused("It is not signed.") from None
    if abs((time.time() if now is None else now) - sent_at) > TOLERANCE:
        raise MessageRefused("It is too old, or clocks differ.")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{name}.{sent_at}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in signatures):
        raise MessageRefused("Its signature does not hold.")
    message: dict[str, Any] = json.loads(body)
    return message


def answer_to(message: Mapping[str, Any]) -> bytes:
    """What to answer with 200: a challenge wants its own value back."""
    challenge = message["data"].get("challenge")
    return json.dumps({"challenge": challenge} if challenge else {}).encode()
