"""Verifies Symbolon's internal token with PyJWT (RFC 9068 4)."""

import jwt

ALGORITHM = "ES256"
MAX_TOKEN_BYTES = 64 * 1024
LEEWAY_SECONDS = 5
MAX_LIFETIME_SECONDS = 600
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "jti"]


class Refused(Exception):
    """The token is not acceptable. The text is for the caller and says nothing out of it."""


def verify(token, keys, issuer, audience):
    """The claims of `token`. Raises Refused, or KeysUnavailable when nobody can be judged."""
    if len(token) > MAX_TOKEN_BYTES:
        raise Refused("the token is too long")
    try:
        header = jwt.get_unverified_header(token)
        key = keys.find(key_id_of(header))
        if key is None:
            raise Refused("the token names an unknown key")
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED, "strict_aud": True},
        )
    except (jwt.PyJWTError, RecursionError) as error:
        raise Refused("the token is not valid") from error
    check_lifetime(claims["iat"], claims["exp"])
    return claims


def key_id_of(header):
    """The header names its algorithm, key and type, and nothing else: it brings no key along."""
    if set(header) != {"alg", "kid", "typ"}:
        raise Refused("the token's header is not understood")
    if header["alg"] != ALGORITHM:
        raise Refused("the token's algorithm is not accepted")
    if str(header["typ"]).lower().removeprefix("application/") != "at+jwt":
        raise Refused("the token is not an access token")
    return header["kid"]


def check_lifetime(iat, exp):
    # PyJWT also takes times written as strings or fractions.
    if type(iat) is not int or type(exp) is not int:
        raise Refused("the token's times are not whole seconds")
    if not 0 < exp - iat <= MAX_LIFETIME_SECONDS:
        raise Refused("the token's lifetime is not that of an internal token")
