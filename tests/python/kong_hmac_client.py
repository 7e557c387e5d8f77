"""A client that signs as the documents of Kong's hmac-auth describe: `ADDRESS USERNAME SECRET`.

What it asked for and the status it got is a line of JSON for each request.
"""

import base64
import email.utils
import hashlib
import hmac
import http.client
import json
import sys

ADDRESS, USERNAME, SECRET = sys.argv[1:4]


def sign(secret, lines):
    mac = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).digest()
    return base64.b64encode(mac).decode()


def authorization(secret, names, lines):
    return 'hmac username="%s", algorithm="hmac-sha256", headers="%s", signature="%s"' % (
        USERNAME,
        " ".join(names),
        sign(secret, lines),
    )


def ask(what, method, target, headers, body=None):
    connection = http.client.HTTPConnection(ADDRESS)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", "shop.test")
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    print(json.dumps({"what": what, "status": connection.getresponse().status}), flush=True)


def dated(target, secret=SECRET, name="date"):
    date = email.utils.formatdate(usegmt=True)
    lines = [f"{name}: {date}", f"GET {target} HTTP/1.1"]
    names = [name, "request-line"]
    return {name: date, "Authorization": authorization(secret, names, lines)}


def digested(target, body):
    date = email.utils.formatdate(usegmt=True)
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
    lines = [f"date: {date}", f"POST {target} HTTP/1.1", f"digest: {digest}"]
    signed = authorization(SECRET, ["date", "request-line", "digest"], lines)
    return {"Date": date, "Digest": digest, "Authorization": signed}


first = dated("/signed/requests")
ask("GET", "GET", "/signed/requests", first)
ask("GET again", "GET", "/signed/requests", first)
query = "/signed/requests?name=foo&name=bar%20baz"
ask("GET with a query", "GET", query, dated(query))

date = email.utils.formatdate(usegmt=True)
lines = [f"date: {date}", "@request-target: get /signed/target?q=1"]
signed = authorization(SECRET, ["date", "@request-target"], lines)
headers = {"Date": date, "Authorization": signed}
ask("GET by request target", "GET", "/signed/target?q=1", headers)
ask("GET by x-date", "GET", "/signed/x-date", dated("/signed/x-date", name="x-date"))

body = b'{"hello": "world"}'
headers = digested("/signed/body", body)
ask("POST with a signed digest", "POST", "/signed/body", headers, body)
headers = digested("/signed/other", body)
ask("POST with another body", "POST", "/signed/other", headers, b'{"hello": "mars!"}')
wrong = dated("/signed/wrong", secret="not the secret at all")
ask("GET with another secret", "GET", "/signed/wrong", wrong)
