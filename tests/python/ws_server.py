"""A service with WebSockets as the websockets package makes them.

What it does depends on the last part of the path; whatever becomes of a connection is a line of
JSON on standard output.
"""

import json

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

PIECE = b"d" * (1 << 20)


def echo(socket):
    """Sends every message back in the fragments in which it came."""
    while True:
        fragments = list(socket.recv_streaming())
        socket.send(iter(fragments))


def asking(socket):
    """Asks whether the client is there, and says so once it has answered."""
    assert socket.ping("are you there?").wait(30)
    socket.send("you are")
    echo(socket)


def closing(socket):
    """Closes with the code and the reason that it is told."""
    told = json.loads(socket.recv())
    socket.close(told["code"], told["reason"])


def volume(socket):
    """Counts what comes until it is told how much to send, in MiB."""
    count = 0
    while isinstance(message := socket.recv(), bytes):
        count += len(message)
    socket.send(str(count))
    for _ in range(int(message)):
        socket.send(PIECE)
    echo(socket)


def handle(socket):
    kind = socket.request.path.rsplit("/", 1)[-1]
    try:
        {"echo": echo, "asking": asking, "closing": closing, "volume": volume}[kind](socket)
    except ConnectionClosed as closed:
        received = closed.rcvd
        code, reason = (received.code, received.reason) if received else (None, None)
        print(json.dumps({"closed": kind, "code": code, "reason": reason}), flush=True)


with serve(handle, "127.0.0.1", 0, compression=None, max_size=None) as server:
    print("listening on {}:{}".format(*server.socket.getsockname()), flush=True)
    server.serve_forever()
