"""A service that speaks HTTP/2 by prior knowledge, as the hyper-h2 package does.

It answers by path; every request it looks at is a line of JSON on standard output.
"""

import json
import socket
import sys
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings

TOLD = threading.Lock()
SEEN = {}


def tell(**what):
    with TOLD:
        print(json.dumps(what), flush=True)


def count(name):
    """How often this was asked for, on all connections together."""
    with TOLD:
        SEEN[name] = SEEN.get(name, 0) + 1
        return SEEN[name]


class Served:
    def __init__(self, sock, number):
        self.socket = sock
        self.number = number
        config = h2.config.H2Configuration(
            client_side=False,
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.connection = h2.connection.H2Connection(config)
        if len(sys.argv) > 1:
            streams = h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS
            self.connection.local_settings = h2.settings.Settings(
                client=False, initial_values={streams: int(sys.argv[1])}
            )
        self.requests = {}
        self.bodies = {}
        self.leaving = False

    def serve(self):
        self.connection.initiate_connection()
        self.flush()
        while not self.leaving:
            data = self.socket.recv(65536)
            if not data:
                break
            for event in self.connection.receive_data(data):
                self.handle(event)
            self.flush()
        tell(closed=self.number)
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.connection.data_to_send())

    def handle(self, event):
        if isinstance(event, h2.events.RequestReceived):
            fields = dict(event.headers)
            self.requests[event.stream_id] = (fields, [list(pair) for pair in event.headers])
            self.bodies[event.stream_id] = bytearray()
            self.begun(event.stream_id, fields[":path"])
        elif isinstance(event, h2.events.DataReceived):
            self.bodies[event.stream_id] += event.data
            self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            self.requests[event.stream_id][1].extend(list(pair) for pair in event.headers)
        elif isinstance(event, h2.events.StreamReset):
            tell(reset=int(event.error_code), connection=self.number)
        elif isinstance(event, h2.events.StreamEnded):
            self.ended(event.stream_id)

    def begun(self, stream, path):
        if path.endswith("/goaway") and count("goaway") == 1:
            # Not looked at: the last stream that was is none.
            self.connection.close_connection(last_stream_id=0)
            self.leaving = True
        elif path.endswith("/early"):
            self.connection.send_headers(stream, [(":status", "200")])
            self.connection.send_data(stream, b"early", end_stream=True)
        elif path.endswith("/die") and count("die") == 1:
            self.leaving = True

    def ended(self, stream):
        fields, pairs = self.requests[stream]
        path = fields[":path"]
        if self.leaving or path.endswith("/early"):
            return
        if path.endswith("/refuse") and count("refuse") == 1:
            self.connection.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
            return
        body = bytes(self.bodies[stream])
        tell(request=pairs, body=body.decode("utf-8", "replace"), connection=self.number)
        if path.endswith("/never"):
            return
        if path.endswith("/fail"):
            self.connection.send_headers(stream, [(":status", "200")])
            self.connection.send_data(stream, b"half")
            self.connection.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
            return
        answer = [(":status", "200"), ("x-service", "h2"), ("symbolon-debug", "internal")]
        self.connection.send_headers(stream, answer)
        if path.endswith("/trailers"):
            self.connection.send_data(stream, body)
            token = fields.get("authorization", "none")
            trailers = [("x-checksum", "7"), ("symbolon-session", "end"), ("x-echo", token)]
            self.connection.send_headers(stream, trailers, end_stream=True)
        elif path.endswith("/first"):
            self.connection.send_data(stream, b"data: first\n\n")
        else:
            self.connection.send_data(stream, body or b"{}", end_stream=True)


listener = socket.create_server(("127.0.0.1", 0))
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
number = 0
while True:
    accepted, _ = listener.accept()
    number += 1
    tell(connected=number)
    threading.Thread(target=Served(accepted, number).serve, daemon=True).start()
