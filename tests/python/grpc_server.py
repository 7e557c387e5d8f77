"""A gRPC service of the official package, without protobuf: messages are bytes as they are.

Every call it looks at is a line of JSON on standard output.
"""

import json
import sys
import threading
import time
from concurrent import futures

import grpc

TOLD = threading.Lock()


def tell(**what):
    with TOLD:
        print(json.dumps(what), flush=True)


def begun(context, method):
    metadata = [[pair.key, str(pair.value)] for pair in context.invocation_metadata()]
    # Before anybody is told of the call: one that is over by then would never be told of.
    context.add_callback(lambda: tell(over=method, cancelled=not context.is_active()))
    tell(call=method, metadata=metadata, remaining=context.time_remaining())


def unary(request, context):
    begun(context, "Unary")
    context.send_initial_metadata((("x-initial", "1"), ("symbolon-session", "end=?0")))
    token = dict(context.invocation_metadata()).get("authorization", "")
    context.set_trailing_metadata((("x-trailing", "2"), ("x-leak", token)))
    return request[::-1]


def server_stream(request, context):
    begun(context, "ServerStream")
    for number in range(int(request)):
        yield b"%d" % number


def client_stream(requests, context):
    begun(context, "ClientStream")
    count = length = 0
    for request in requests:
        count += 1
        length += len(request)
    return b"%d %d" % (count, length)


def bidi(requests, context):
    begun(context, "Bidi")
    for request in requests:
        yield request.upper()


def fail(request, context):
    begun(context, "Fail")
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "nö, 50%")


def slow(request, context):
    begun(context, "Slow")
    while context.is_active():
        time.sleep(0.01)
    return b""


def big(request, context):
    begun(context, "Big")
    piece = b"x" * (1 << 20)
    for _ in range(int(request)):
        yield piece


HANDLERS = {
    "Unary": grpc.unary_unary_rpc_method_handler(unary),
    "ServerStream": grpc.unary_stream_rpc_method_handler(server_stream),
    "ClientStream": grpc.stream_unary_rpc_method_handler(client_stream),
    "Bidi": grpc.stream_stream_rpc_method_handler(bidi),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "Slow": grpc.unary_unary_rpc_method_handler(slow),
    "Big": grpc.unary_stream_rpc_method_handler(big),
}

server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", HANDLERS),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print("listening on 127.0.0.1:%d" % port, flush=True)
server.wait_for_termination()
