"""The issuer's keys, found through its discovery document and kept at hand.

Fetches are at least ten seconds apart, whatever key ids arrive, one at a time, bounded in time and
size, and follow no redirect. When one fails, the keys already here stay for a day at most.
"""

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import jwt

TIMEOUT_SECONDS = 5
MAX_BYTES = 64 * 1024
MIN_INTERVAL_SECONDS = 10
MIN_INTERVAL_WITHOUT_KEYS_SECONDS = 1
REFRESH_AFTER_SECONDS = 60
MAX_STALENESS_SECONDS = 24 * 60 * 60


class KeysUnavailable(Exception):
    """There are no keys to judge a token with."""


class IssuerKeys:
    """The current keys of one issuer, by key id. Shared by all threads."""

    def __init__(self, issuer):
        self._issuer = issuer
        self._keys = None
        self._fetched_at = self._tried_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid):
        """The key named `kid`, or None where the issuer has none of that name."""
        with self._lock:
            now = time.monotonic()
            if self._is_due(kid, now):
                self._tried_at = now
                self._fetch(now)
            if self._keys is None or now - self._fetched_at > MAX_STALENESS_SECONDS:
                raise KeysUnavailable
            return self._keys.get(kid)

    def _is_due(self, kid, now):
        if self._keys is None:
            return now - self._tried_at >= MIN_INTERVAL_WITHOUT_KEYS_SECONDS
        is_wanted = kid not in self._keys or now - self._fetched_at >= REFRESH_AFTER_SECONDS
        return is_wanted and now - self._tried_at >= MIN_INTERVAL_SECONDS

    def _fetch(self, now):
        try:
            key_set = jwt.PyJWKSet.from_dict(get_json(jwks_uri_of(self._issuer)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
            return
        self._keys = {key.key_id: key for key in key_set.keys}
        self._fetched_at = now


def jwks_uri_of(issuer):
    """OpenID Connect Discovery 4: the metadata has to be this issuer's, its keys on its origin."""
    metadata = get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if metadata["issuer"] != issuer:
        raise ValueError("the metadata is another issuer's")
    if origin(metadata["jwks_uri"]) != origin(issuer):
        raise ValueError("the keys are on another origin")
    return metadata["jwks_uri"]


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc


def get_json(url):
    with OPENER.open(url, timeout=TIMEOUT_SECONDS) as response:
        body = response.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise ValueError("the answer is too large")
    return json.loads(body)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


# Without proxies: the environment has no say in where keys come from.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
