"""A microservice in Python behind Symbolon: tells the caller who they are and keeps a cart in the
session. The token is verified in internal_token.py with PyJWT, the rest is the standard library.

    python service.py --listen 127.0.0.1:9001 \\
        --issuer http://127.0.0.1:8080/auth/internal --audience example
"""

import argparse
import base64
import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import internal_token
from keys import IssuerKeys, KeysUnavailable

MAX_BODY_BYTES = 4096
MAX_SKU_LENGTH = 64


class BadRequest(Exception):
    """The caller's mistake, in words for the caller."""

    def __init__(self, text, status=400):
        super().__init__(text)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds that a connection may be idle
    wbufsize = 64 * 1024  # head and body leave in one segment

    def do_GET(self):
        self.answer("/whoami", whoami)

    def do_POST(self):
        self.answer("/cart", add_to_cart)

    def answer(self, path, endpoint):
        try:
            # First, so that nothing of it is left on the connection for the next request.
            body = self.read_body()
            claims = self.authenticate()
            if claims is None:
                return
            if self.path.partition("?")[0] != path:
                self.send_json(404, {"error": "not found"})
                return
            answer, headers = endpoint(claims, body)
            self.send_json(200, answer, headers)
        except BadRequest as error:
            self.send_json(error.status, {"error": str(error)})

    def authenticate(self):
        """The caller's claims, or None once a refusal has been sent (RFC 6750 3)."""
        offered = self.headers.get_all("Authorization", [])
        scheme, _, token = offered[0].partition(" ") if offered else ("", "", "")
        if scheme.lower() != "bearer":
            self.refuse("Bearer")
            return None
        try:
            if len(offered) > 1:
                raise internal_token.Refused("there is more than one token")
            server = self.server
            return internal_token.verify(token, server.keys, server.issuer, server.audience)
        except internal_token.Refused as error:
            self.refuse(f'Bearer error="invalid_token", error_description="{error}"')
        except KeysUnavailable:
            self.send_json(503, {"error": "the issuer's keys cannot be had"})
        return None

    def refuse(self, challenge):
        self.send_json(401, {"error": "unauthorized"}, {"WWW-Authenticate": challenge})

    def read_body(self):
        length = self.headers.get("Content-Length", "0")
        # http.server does not decode chunks; what it cannot delimit ends the connection.
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.close_connection = True
            raise BadRequest("the body needs a Content-Length", 411)
        if int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            raise BadRequest("the body is too large", 413)
        return self.rfile.read(int(length))

    def send_json(self, status, value, headers=None):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The gateway logs every request; a second log would only repeat it."""


def whoami(claims, _body):
    """GET /whoami: the claims this service received, the session data included."""
    return claims, {}


def add_to_cart(_claims, body):
    """POST /cart {"sku": "…"}: adds an item to the cart that all services of this session share.

    Every item has a key of its own, so two requests at a time change different members of the cart
    and neither is lost.
    """
    try:
        sku = json.loads(body)["sku"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRequest("the body has to be JSON with `sku`") from error
    if not isinstance(sku, str) or not 0 < len(sku) <= MAX_SKU_LENGTH:
        raise BadRequest("sku has to be 1 to 64 characters")
    item = secrets.token_hex(8)
    headers = session_patch({"cart": {item: {"sku": sku}}})
    return {"id": item, "sku": sku}, headers


def session_patch(patch):
    """The header that changes the session: an RFC 9651 byte sequence of an RFC 7396 patch."""
    encoded = base64.b64encode(json.dumps(patch).encode()).decode()
    return {"Symbolon-Session": f"patch=:{encoded}:"}


def main():
    parser = argparse.ArgumentParser(description="A microservice behind Symbolon.")
    parser.add_argument("--listen", default="127.0.0.1:0", help="address; port 0 takes a free one")
    parser.add_argument("--issuer", required=True, help="issuer of the internal tokens")
    parser.add_argument("--audience", required=True, help="this service's audience")
    arguments = parser.parse_args()

    host, _, port = arguments.listen.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    server.keys = IssuerKeys(arguments.issuer)
    server.issuer = arguments.issuer
    server.audience = arguments.audience
    print("listening on {}:{}".format(*server.server_address), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
