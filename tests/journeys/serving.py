"""Starts the real service in processes of its own, as `klarwert serve` does, and speaks to it over HTTP."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 30
PASSWORD = "a long enough password"


@dataclass
class Answer:
    """Status and body of one answer."""

    status: int
    body: Any


class Service:
    """One running service: server and worker, with what they print kept in a file."""

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.log = home.with_suffix(".log")
        self._environment = os.environ | {"KLARWERT_HOME": str(home), "KLARWERT_LEASE_SECONDS": "1"}
        self._environment |= dict(environment or {})
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )
        wait_for(self._answers, "the service answers")

    def kill(self) -> None:
        """`kill -9` of every process of the server; the worker is left to notice."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_main_process(self) -> None:
        """`kill -9` of the process one started, and of no other."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill_worker(self) -> None:
        """`kill -9` of the worker alone."""
        found = subprocess.run(
            ["pgrep", "-f", "-P", str(self._process.pid if self._process else 0), "until-stdin-closes"],
            capture_output=True,
            text=True,
            check=False,
        )
        for pid in found.stdout.split():
            os.kill(int(pid), signal.SIGKILL)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """One request to the JSON API."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", raw, method=method)
        if raw is not None:
            kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
            request.add_header("Content-Type", kind)
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return Answer(response.status, _decoded(response.read()))
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, _decoded(refused.read()))

    def join(self, address: str = "ada@example.org") -> str:
        """Join, confirm by the mail in the terminal, sign in; returns the token."""
        account = {"address": address, "password": PASSWORD, "language": "en", "age": "18-plus"}
        assert self.ask("POST", "/accounts", account).status == 202
        printed = wait_for(
            lambda: re.findall(rf"To: {address}.*?token=([\w-]+)", self.log.read_text(), re.DOTALL),
            "the confirmation mail is printed",
        )
        assert self.ask("POST", "/accounts/confirmation", {"token": printed[-1]}).status == 204
        session = self.ask("POST", "/sessions", {"address": address, "password": PASSWORD})
        return str(session.body["token"])

    def consent(self, token: str, platform: str, decision: str = "given") -> Answer:
        states = self.ask("GET", "/consents?language=en", token=token).body["consents"]
        (state,) = [one for one in states if one["about"] == platform]
        asked = {
            "decision": decision,
            "language": "en",
            "notice_sha256": state["notice"]["sha256"],
            "seen": state["number"],
        }
        return self.ask("PUT", f"/consents/score.compute/{platform}", asked, token)

    def wait_until_computed(self, token: str) -> dict[str, Any]:
        def computed() -> dict[str, Any] | None:
            body: dict[str, Any] = self.ask("GET", "/score", token=token).body
            return body if body["status"] == "computed" else None

        score: dict[str, Any] = wait_for(computed, "the score is computed")
        return score

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False


def wait_for(look: Any, what: str) -> Any:
    """What `look` returns as soon as it is true."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"Waited in vain until {what}.")


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
