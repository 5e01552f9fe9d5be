"""An identity provider of our own: OpenID Connect over real HTTP, which can be told to lie in one way or another."""

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, CLIENT_SECRET = "one-stop", "a-secret-between-two-machines"


class OpenIdProvider:
	"""`person` is who signs in there; `claims` and `key` overwrite what an honest token would hold."""

	def __init__(self) -> None:
		self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
		self.signed_with, self.algorithm = self.key, "RS256"
		self.person: dict = {}
		self.claims: dict = {}
		self.userinfo: dict = {}
		self.codes: dict[str, dict] = {}
		self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
		self.issuer = f"http://127.0.0.1:{self.server.server_port}"
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def close(self) -> None:
		self.server.shutdown()
		self.server.server_close()

	def discovery(self) -> dict:
		return {
			"issuer": self.issuer,
			"authorization_endpoint": f"{self.issuer}/authorize",
			"token_endpoint": f"{self.issuer}/token",
			"userinfo_endpoint": f"{self.issuer}/userinfo",
			"jwks_uri": f"{self.issuer}/jwks",
		}

	def jwks(self) -> dict:
		public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
		return {"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}

	def authorize(self, query: dict[str, str]) -> str:
		"""As if the person had signed in there: where the browser is sent back to."""
		assert query["response_type"] == "code" and query["client_id"] == CLIENT
		assert query["code_challenge_method"] == "S256" and "openid" in query["scope"].split()
		code = secrets.token_urlsafe(16)
		self.codes[code] = query
		return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

	def token(self, form: dict[str, str]) -> tuple[int, dict]:
		import hashlib
		from base64 import urlsafe_b64encode

		asked = self.codes.pop(form.get("code", ""), None)
		digest = (
			urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
		)
		if (
			not asked
			or digest != asked["code_challenge"]
			or form["redirect_uri"] != asked["redirect_uri"]
			or form["client_secret"] != CLIENT_SECRET
		):
			return 400, {"error": "invalid_grant"}
		now = int(time.time())
		claims = {
			"iss": self.issuer,
			"aud": CLIENT,
			"iat": now,
			"exp": now + 300,
			"nonce": asked["nonce"],
			**self.person,
			**self.claims,
		}
		claims = {name: value for name, value in claims.items() if value is not None}
		token = jwt.encode(claims, self.signed_with, algorithm=self.algorithm, headers={"kid": "1"})
		return 200, {"access_token": "x", "token_type": "Bearer", "id_token": token}

	def _handler(self):
		owner = self

		class Handler(BaseHTTPRequestHandler):
			def do_GET(self):
				parts = urlsplit(self.path)
				if parts.path == "/authorize":
					query = {name: values[0] for name, values in parse_qs(parts.query).items()}
					self.send_response(302)
					self.send_header("Location", owner.authorize(query))
					self.end_headers()
					return
				found = {
					"/.well-known/openid-configuration": owner.discovery,
					"/jwks": owner.jwks,
					"/userinfo": lambda: {"sub": owner.person["sub"], **owner.userinfo},
				}.get(parts.path)
				self._answer(200 if found else 404, found() if found else {})

			def do_POST(self):
				body = self.rfile.read(int(self.headers["Content-Length"])).decode()
				self._answer(*owner.token({name: values[0] for name, values in parse_qs(body).items()}))

			def _answer(self, status: int, values: dict):
				content = json.dumps(values).encode()
				self.send_response(status)
				self.send_header("Content-Type", "application/json")
				self.send_header("Content-Length", str(len(content)))
				self.end_headers()
				self.wfile.write(content)

			def log_message(self, *arguments):
				pass

		return Handler
