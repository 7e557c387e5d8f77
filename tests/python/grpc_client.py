"""Calls of the official gRPC package, one for each command line; what came of it as JSON.

    grpc_client.py ADDRESS KIND METHOD ARGUMENT [TIMEOUT] [NAME=VALUE ...]
"""

import json
import sys
import threading

import grpc

address, kind, method, argument, *rest = sys.argv[1:]
timeout = float(rest.pop(0)) if rest and "=" not in rest[0] else 30.0
metadata = [tuple(pair.split("=", 1)) for pair in rest]
options = [
    ("grpc.default_authority", "shop.test"),
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", -1),
]
channel = grpc.insecure_channel(address, options=options)


def pieces():
    for piece in argument.split(","):
        yield piece.encode()


def sized():
    for _ in range(int(argument)):
        yield b"u" * (1 << 20)


def text(pairs):
    return [[key, value if isinstance(value, str) else repr(value)] for key, value in pairs or ()]


def unary():
    value, call = channel.unary_unary(method).with_call(
        argument.encode(), timeout=timeout, metadata=metadata
    )
    return value.decode(), call


def server_stream():
    call = channel.unary_stream(method)(argument.encode(), timeout=timeout, metadata=metadata)
    return [value.decode() for value in call], call


def client_stream():
    value, call = channel.stream_unary(method).with_call(
        pieces(), timeout=timeout, metadata=metadata
    )
    return value.decode(), call


def bidi():
    # In turns: each answer is waited for before the next message is sent.
    turn = threading.Semaphore(1)

    def messages():
        for piece in pieces():
            turn.acquire()
            yield piece

    call = channel.stream_stream(method)(messages(), timeout=timeout, metadata=metadata)
    values = []
    for value in call:
        values.append(value.decode())
        turn.release()
    return values, call


def cancelled():
    call = channel.unary_unary(method).future(argument.encode(), timeout=timeout, metadata=metadata)
    print("begun", flush=True)
    sys.stdin.readline()
    call.cancel()
    return None, call


def downloaded():
    call = channel.unary_stream(method)(argument.encode(), timeout=timeout, metadata=metadata)
    return sum(len(value) for value in call), call


def uploaded():
    value, call = channel.stream_unary(method).with_call(sized(), timeout=timeout, metadata=metadata)
    return value.decode(), call


try:
    value, call = globals()[kind]()
except grpc.RpcError as error:
    value, call = None, error
told = {
    "value": value,
    "code": call.code().name,
    "details": call.details(),
    "initial": text(call.initial_metadata()),
    "trailing": text(call.trailing_metadata()),
}
print(json.dumps(told), flush=True)
