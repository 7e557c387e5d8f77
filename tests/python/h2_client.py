"""A client that speaks HTTP/2 as the hyper-h2 package does, driven by lines of JSON.

It corrects nothing: what a test wants to send is sent, malformed or not. Each line on standard
input is one command, and each has one line of answer:

{"request": [[":method", "GET"], ...], "body": "...", "open": false}  sends it on a new stream and
    answers with the stream; `open` leaves the stream open
{"data": "...", "stream": 1, "end": false}  sends more on an open stream
{"trailers": [["x", "y"]], "stream": 1}  ends an open stream with trailers
{"response": 1}  waits for the end of the stream: status, headers, body, trailers, reset
{"some": 1}  waits for the next piece of the body
{"reset": 1}  cancels it
{"closed": true}  waits until the other side says GOAWAY or closes
"""

import base64
import json
import socket
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings


class Stream:
    def __init__(self):
        self.status = None
        self.headers = []
        self.body = bytearray()
        self.taken = 0
        self.trailers = []
        self.reset = None
        self.over = False


class Client:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        config = h2.config.H2Configuration(
            client_side=True,
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.connection = h2.connection.H2Connection(config)
        self.connection.initiate_connection()
        self.streams = {}
        self.closed = False
        self.goaway = None
        self.settings = {}
        self.flush()

    def flush(self):
        try:
            self.socket.sendall(self.connection.data_to_send())
        except OSError:
            self.closed = True

    def read(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            self.closed = True
            for stream in self.streams.values():
                stream.over = True
            return
        for event in self.connection.receive_data(data):
            self.note(event)
        self.flush()

    def note(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.RemoteSettingsChanged):
            for code, change in event.changed_settings.items():
                self.settings[int(code)] = change.new_value
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = int(event.error_code)
        elif stream is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            fields = [list(pair) for pair in event.headers]
            stream.status = int(next(v for n, v in fields if n == ":status"))
            stream.headers = [pair for pair in fields if pair[0] != ":status"]
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            stream.trailers = [list(pair) for pair in event.headers]
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = int(event.error_code)
            stream.over = True
        elif isinstance(event, h2.events.StreamEnded):
            stream.over = True

    def run(self, command):
        if "request" in command:
            number = self.connection.get_next_available_stream_id()
            self.streams[number] = Stream()
            body = command.get("body", "").encode()
            is_open = command.get("open", False)
            fields = [tuple(pair) for pair in command["request"]]
            self.connection.send_headers(number, fields, end_stream=not body and not is_open)
            if body:
                self.connection.send_data(number, body, end_stream=not is_open)
            self.flush()
            return {"stream": number}
        if "data" in command:
            raw = base64.b64decode(command["data"])
            self.connection.send_data(command["stream"], raw, end_stream=command.get("end", False))
            self.flush()
            return {}
        if "trailers" in command:
            fields = [tuple(pair) for pair in command["trailers"]]
            self.connection.send_headers(command["stream"], fields, end_stream=True)
            self.flush()
            return {}
        if "response" in command:
            stream = self.streams[command["response"]]
            while not stream.over:
                self.read()
            return self.told(stream)
        if "some" in command:
            stream = self.streams[command["some"]]
            while len(stream.body) == stream.taken and not stream.over:
                self.read()
            piece = bytes(stream.body[stream.taken :])
            stream.taken = len(stream.body)
            return {"piece": base64.b64encode(piece).decode(), **self.told(stream)}
        if "reset" in command:
            self.connection.reset_stream(command["reset"], h2.errors.ErrorCodes.CANCEL)
            self.flush()
            return {}
        while not self.closed and self.goaway is None:
            self.read()
        return {"goaway": self.goaway, "settings": {str(k): v for k, v in self.settings.items()}}

    def told(self, stream):
        return {
            "status": stream.status,
            "headers": stream.headers,
            "body": stream.body.decode("utf-8", "replace"),
            "trailers": stream.trailers,
            "reset": stream.reset,
            "goaway": self.goaway,
            "settings": {str(k): v for k, v in self.settings.items()},
        }


client = Client(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(client.run(json.loads(line))), flush=True)
