"""Signs with the http-message-signatures package: `ADDRESS KEY_ID SECRET FOLDER`.

The folder has private keys in PEM, which `keys FOLDER` makes with the cryptography package. What it asked for and the status it got is a line of JSON for
each request.
"""

import http.client
import json
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms

if sys.argv[1] == "keys":
    for name, key in [
        ("signer-ed25519", ed25519.Ed25519PrivateKey.generate()),
        ("signer-p256", ec.generate_private_key(ec.SECP256R1())),
        ("signer-rsa", rsa.generate_private_key(65537, 2048)),
    ]:
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        private = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        for ending, text in [("key", private), ("pem", key.public_key().public_bytes(pem, info))]:
            with open(f"{sys.argv[2]}/{name}.{ending}", "wb") as file:
                file.write(text)
    sys.exit()

ADDRESS, KEY_ID, SECRET, FOLDER = sys.argv[1:5]
ORIGIN = "http://shop.test"
COMPONENTS = ("@method", "@authority", "@path", "@query")


class Keys(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id):
        if key_id == KEY_ID:
            return SECRET.encode()
        name = key_id.removesuffix("-v1_5")
        with open(f"{FOLDER}/{name}.key", "rb") as file:
            return file.read()


def signed(algorithm, key_id, path, components=COMPONENTS, method="GET", **more):
    message = SimpleNamespace(method=method, url=ORIGIN + path, headers={})
    signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Keys())
    signer.sign(message, key_id=key_id, covered_component_ids=components, **more)
    return message.headers


def ask(what, path, headers, method="GET", body=None):
    connection = http.client.HTTPConnection(ADDRESS)
    connection.request(method, path, body, {"Host": "shop.test", **headers})
    print(json.dumps({"what": what, "status": connection.getresponse().status}), flush=True)


path = "/signed/rfc?a=1&b=%C3%A4+x&a=2"
HMAC = algorithms.HMAC_SHA256
ask("hmac-sha256", path, signed(HMAC, KEY_ID, path))
once = signed(HMAC, KEY_ID, path, nonce="b3k2pp5k7z")
connection = http.client.HTTPConnection(ADDRESS)
connection.request("GET", path, headers={"Host": "shop.test", **once})
assert connection.getresponse().status == 200
ask("hmac-sha256 with a nonce, twice the same", path, once)
ask("hmac-sha256 with another query", path + "&c=3", signed(HMAC, KEY_ID, path, nonce="n2"))

body = b'{"hello": "world"}'
posted = lambda path: signed(HMAC, KEY_ID, path, method="POST", body=body)
ask("hmac-sha256 with a signed digest", "/signed/b?x", posted("/signed/b?x"), "POST", body)
ask("hmac-sha256 with another body", "/signed/c?x", posted("/signed/c?x"), "POST", b"{}")

ask("ed25519", path, signed(algorithms.ED25519, "signer-ed25519", path))
ask("ecdsa-p256-sha256", path, signed(algorithms.ECDSA_P256_SHA256, "signer-p256", path))
ask("rsa-pss-sha512", path, signed(algorithms.RSA_PSS_SHA512, "signer-rsa", path))
ask("rsa-v1_5-sha256", path, signed(algorithms.RSA_V1_5_SHA256, "signer-rsa-v1_5", path))
wrong = signed(algorithms.RSA_V1_5_SHA256, "signer-rsa", path + "&d", include_alg=False)
ask("rsa-v1_5-sha256 of a key for rsa-pss-sha512", path + "&d", wrong)
past = datetime.now() - timedelta(seconds=10)
gone = signed(HMAC, KEY_ID, path, created=past, expires=past + timedelta(seconds=5))
ask("expired", path, gone)
