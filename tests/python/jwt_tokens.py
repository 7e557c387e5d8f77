"""Tokens of PyJWT, one of each algorithm: prints the keys to verify them with, and the tokens."""

import json
import secrets
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


def made(algorithm, name, key):
    claims = {"iss": name, "exp": int(time.time()) + 300, "nbf": int(time.time()) - 1}
    if isinstance(key, str):
        material = key
    else:
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        material = pem.decode()
    token = jwt.encode(claims, key, algorithm=algorithm)
    return {"algorithm": algorithm, "key": name, "material": material, "token": token}


def keys():
    for bits in (256, 384, 512):
        yield f"HS{bits}", f"hs{bits}", secrets.token_urlsafe(64)
        for size in (2048, 4096):
            for family in ("RS", "PS"):
                key = rsa.generate_private_key(public_exponent=65537, key_size=size)
                yield f"{family}{bits}", f"{family}{bits}-{size}", key
    for algorithm, curve in CURVES.items():
        yield algorithm, algorithm, ec.generate_private_key(curve())
    yield "EdDSA", "ed25519", ed25519.Ed25519PrivateKey.generate()


print(json.dumps([made(*key) for key in keys()]))
