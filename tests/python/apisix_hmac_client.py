"""A client that signs as the documents of APISIX's hmac-auth describe: `ADDRESS KEY_ID SECRET`.

What it asked for and the status it got is a line of JSON for each request.
"""

import base64
import hashlib
import hmac
import http.client
import json
import sys
from datetime import datetime, timezone

ADDRESS, KEY_ID, SECRET = sys.argv[1:4]
HASHES = {"hmac-sha256": hashlib.sha256, "hmac-sha512": hashlib.sha512}


def signed(method, path, extra=(), secret=SECRET, algorithm="hmac-sha256", key_id=KEY_ID):
    """The headers of a request; `extra` ones are signed behind the date, in lower case."""
    date = datetime.now(timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    text = f"{key_id}\n{method} {path}\ndate: {date}\n"
    for name, value in extra:
        text += f"{name}: {value}\n"
    mac = hmac.new(secret.encode(), text.encode(), HASHES[algorithm]).digest()
    names = " ".join(["@request-target", "date"] + [name for name, _ in extra])
    credentials = (
        f'Signature keyId="{key_id}",algorithm="{algorithm}",headers="{names}",'
        f'signature="{base64.b64encode(mac).decode()}"'
    )
    return {"Date": date, "Authorization": credentials, **dict(extra)}


def digest(body):
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def ask(what, method, path, headers, body=None):
    connection = http.client.HTTPConnection(ADDRESS)
    connection.request(method, path, body, {"Host": "shop.test", **headers})
    print(json.dumps({"what": what, "status": connection.getresponse().status}), flush=True)


first = signed("GET", "/signed/get")
ask("GET", "GET", "/signed/get", first)
ask("GET again", "GET", "/signed/get", first)
extra = [("x-custom-header-a", "hello123"), ("x-custom-header-b", "world456")]
ask("GET with custom headers", "GET", "/signed/get?a=b", signed("GET", "/signed/get?a=b", extra))
headers = signed("GET", "/signed/512", algorithm="hmac-sha512")
ask("GET with hmac-sha512", "GET", "/signed/512", headers)

body = b'{"name": "world"}'
headers = {**signed("POST", "/signed/post"), "Digest": digest(body)}
ask("POST with an unsigned digest", "POST", "/signed/post", headers, body)
headers = {**signed("POST", "/loose/post"), "Digest": digest(body)}
what = "POST with an unsigned digest where that is taken"
ask(what, "POST", "/loose/post", headers, body)
headers = signed("POST", "/signed/digest", [("digest", digest(body))])
ask("POST with a signed digest", "POST", "/signed/digest", headers, body)
headers = signed("POST", "/signed/other", [("digest", digest(body))])
ask("POST with another body", "POST", "/signed/other", headers, b'{"name": "mars!"}')
wrong = signed("GET", "/signed/wrong", secret="not the secret at all")
ask("GET with another secret", "GET", "/signed/wrong", wrong)
