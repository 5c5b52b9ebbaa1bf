"""A provider of OpenID Connect for the tests: a real server on a port of its own, which lets everybody in."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "ladder", "a-secret"


class Provider:
    """What it says of who signs in, and how it misbehaves."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.token: dict[str, Any] = {}  # replaces parts of the id token
        self.denies = False
        self.asked: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()

    def knows(self, **claims: Any) -> None:
        """Who signs in next."""
        self.claims = {"sub": "person-1", "name": "Noor Haddad", "email": "noor@ladder.example"} | claims

    # ── The endpoints ───────────────────────────────────────────────────────
    def configuration(self) -> dict[str, Any]:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.address,
            "jwks_uri": f"{self.address}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | {f"{name}_endpoint": f"{self.address}/{path}" for name, path in ends.items()}

    def jwks(self) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": "one", "alg": "RS256", "use": "sig"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        self.asked.append(asked)
        answer = {"state": asked["state"]}
        if self.denies:
            answer |= {"error": "access_denied"}
        else:
            code = secrets.token_hex(8)
            self.codes[code] = asked
            answer |= {"code": code}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, given: dict[str, str]) -> dict[str, Any] | None:
        """Tokens for a code that is used for the first time, by the client that asked for it and proves it."""
        asked = self.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        wanted = (CLIENT, SECRET)
        if not asked or (given.get("client_id"), given.get("client_secret")) != wanted:
            return None
        if proof != asked["code_challenge"] or given["redirect_uri"] != asked["redirect_uri"]:
            return None
        token = secrets.token_hex(8)
        self.tokens.add(token)
        said = {"iss": self.address, "aud": CLIENT, "iat": int(time.time()), "exp": int(time.time()) + 60}
        signed = jwt.encode(self.claims | said | self.token, self.key, algorithm="RS256", headers={"kid": "one"})
        return {"access_token": token, "token_type": "Bearer", "expires_in": 60, "id_token": signed}


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        provider = self.provider
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if address.path == "/.well-known/openid-configuration":
            self.answer(provider.configuration())
        elif address.path == "/jwks":
            self.answer(provider.jwks())
        elif address.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", provider.authorize(dict(parse_qsl(address.query))))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif address.path == "/userinfo" and bearer in provider.tokens:
            self.answer(provider.claims)
        else:
            self.answer({"error": "nothing here"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        tokens = self.provider.exchange(given)
        self.answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

    def answer(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Not into the output of the tests."""


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers until the block is left."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = Provider(f"http://127.0.0.1:{server.server_port}")
        server.RequestHandlerClass = type("Bound", (Handler,), {"provider": provider})
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
