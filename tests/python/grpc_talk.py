"""A client of the official gRPC package that keeps one channel and several open streams.

    grpc_talk.py ADDRESS METHOD [NAME=VALUE ...]

Commands are lines of JSON, and so are the answers: {"open": ID}, {"say": ID, "text": TEXT} for the
answer to a message, {"close": ID} for how the stream ended.
"""

import json
import queue
import sys

import grpc

address, method, *rest = sys.argv[1:]
metadata = [tuple(pair.split("=", 1)) for pair in rest]
channel = grpc.insecure_channel(address, options=[("grpc.default_authority", "shop.test")])
streams = {}


class Stream:
    def __init__(self):
        self.queue = queue.Queue()
        messages = iter(self.queue.get, None)
        self.call = channel.stream_stream(method)(
            messages, metadata=metadata, wait_for_ready=True
        )

    def say(self, text):
        self.queue.put(text.encode())
        return next(self.call).decode()

    def close(self):
        self.queue.put(None)
        more = [value.decode() for value in self.call]
        return more or self.call.code().name


for line in sys.stdin:
    command = json.loads(line)
    try:
        if "open" in command:
            streams[command["open"]] = Stream()
            answer = "opened"
        elif "say" in command:
            answer = streams[command["say"]].say(command["text"])
        else:
            answer = streams.pop(command["close"]).close()
    except grpc.RpcError as error:
        answer = "%s: %s" % (error.code().name, error.details())
    print(json.dumps(answer), flush=True)
