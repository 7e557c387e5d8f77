"""A client of WebSockets as the websockets package makes them: `ws_client.py ADDRESS PATH KIND …`.

What came of it is a line of JSON on standard output.
"""

import json
import sys
import time
from socket import create_connection

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PIECE = b"u" * (1 << 20)


def tell(**what):
    print(json.dumps(what), flush=True)


def fragments(socket):
    """A message in four fragments, one of them empty; a ping may stand between them."""

    def pieces():
        yield "one "
        yield ""
        assert socket.ping("between").wait(30)
        yield "two "
        yield "three"

    def received():
        # The package ends what it sends in pieces with an empty one.
        fragments = list(socket.recv_streaming())
        while not fragments[-1]:
            fragments.pop()
        return fragments

    socket.send(pieces())
    text = received()
    binary = [bytes(range(256)) * 300, b"", b"\x00"]
    socket.send(iter(binary))
    tell(text=text, is_same=received() == binary)


def pings(socket):
    """Asks in both directions; the other one is answered while waiting for the message."""
    latency = socket.ping("x" * 125)
    tell(message=socket.recv(timeout=30), is_answered=latency.wait(30))


def close(socket, code, reason):
    """Closes by itself."""
    socket.close(int(code), reason)
    tell(code=socket.close_code, reason=socket.close_reason)


def be_closed(socket, code, reason):
    """Has the other side close."""
    socket.send(json.dumps({"code": int(code), "reason": reason}))
    wait(socket)


def wait(socket):
    """Waits until it is closed by somebody else."""
    tell(open=True)
    began = time.monotonic()
    try:
        while True:
            socket.recv()
    except ConnectionClosed as closed:
        received = closed.rcvd
        code, reason = (received.code, received.reason) if received else (None, None)
        tell(code=code, reason=reason, after=time.monotonic() - began)


def volume(socket, mib):
    """So much up, and so much down."""
    for _ in range(int(mib)):
        socket.send(PIECE)
    socket.send(mib)
    up, down = int(socket.recv()), 0
    while down < int(mib) << 20:
        down += len(socket.recv())
    tell(up=up, down=down)


address, path, kind, *rest = sys.argv[1:]
cookie = rest.pop(0) if kind == "wait" else ""
headers = {"Origin": "http://shop.test"} | ({"Cookie": cookie} if cookie else {})
kinds = {f.__name__: f for f in (fragments, pings, close, be_closed, wait, volume)}
with connect(
    f"ws://shop.test{path}",
    sock=create_connection(address.rsplit(":", 1)),
    additional_headers=headers,
    compression=None,
    max_size=None,
) as socket:
    kinds[kind](socket, *rest)
