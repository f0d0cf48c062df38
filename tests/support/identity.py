"""A real OpenID Connect provider on a local port: one user, signed tokens, PKCE enforced."""

import base64
import hashlib
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlencode

from flask import Flask, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "trunkline", "client-secret"


class IdentityProvider:
    """`claims` are what it says of its user; `broken` changes the claims of a token at the end."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "42", "email": "ana@example.org", "groups": ["data"]}
        self.broken: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.sign_with = self.key
        self.forge = self._signed  #: makes the ID token of its claims
        self._codes: dict[str, dict[str, str]] = {}
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.sign_with)

    def close(self) -> None:
        self._server.shutdown()

    def _app(self) -> Flask:
        app = Flask("identity")

        @app.get("/.well-known/openid-configuration")
        def metadata():
            return {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/jwks",
            }

        @app.get("/jwks")
        def jwks():
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize():
            code = secrets.token_urlsafe(16)
            self._codes[code] = request.args.to_dict()
            query = urlencode({"code": code, "state": request.args["state"]})
            return redirect(f"{request.args['redirect_uri']}?{query}")

        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        return app

    def _token(self):
        asked = self._codes.pop(request.form["code"], None)
        login = request.authorization
        if asked is None or login is None or (login.username, login.password) != (CLIENT, SECRET):
            return {"error": "invalid_grant"}, 400
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.claims,
            **self.broken,
        }
        token = self.forge(claims)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}
