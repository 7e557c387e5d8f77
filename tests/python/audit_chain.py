"""Verifies an export of the audit log by the description in docs/audit.md, with nothing of ours."""

import datetime
import hashlib
import json
import re
import sys

MEMBERS = ["sequence", "time", "kind", "actor", "subject", "client", "session", "source", "outcome",
           "detail", "previous", "hash"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def field(text):
    if text is None:
        return b"\0"
    text = text.encode()
    return b"\1" + len(text).to_bytes(4, "big") + text


def detail(line):
    """The value of `detail` as it stands in the line: its very bytes are under the hash."""
    begin = line.index('"detail":') + len('"detail":')
    _, end = json.JSONDecoder().raw_decode(line, begin)
    return line[begin:end]


last, told = None, {}
for line in open(sys.argv[1], encoding="utf-8"):
    names = [name for name, _ in json.loads(line, object_pairs_hook=list)]
    entry = json.loads(line)
    # What is not under the hash must not be there, in any form.
    if names != [name for name in MEMBERS if name in names] or not TIME.fullmatch(entry["time"]):
        sys.exit(f"record {entry['sequence']} is not as it was written")
    time = datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00")) - EPOCH
    micros = (time.days * 86400 + time.seconds) * 1_000_000 + time.microseconds
    covered = b"symbolon-audit-1\n" + bytes.fromhex(entry["previous"])
    covered += entry["sequence"].to_bytes(8, "big") + micros.to_bytes(8, "big", signed=True)
    for name in ["kind", "actor", "subject", "client", "session", "source", "outcome"]:
        covered += field(entry.get(name))
    covered += field(detail(line))
    if hashlib.sha256(covered).hexdigest() != entry["hash"]:
        sys.exit(f"record {entry['sequence']} was changed")
    # What was told and not acknowledged is told again, as it was.
    if told.get(entry["sequence"]) == entry["hash"]:
        continue
    told[entry["sequence"]] = entry["hash"]
    if last and (entry["previous"] != last["hash"] or entry["sequence"] != last["sequence"] + 1):
        sys.exit(f"record {entry['sequence']} does not go on from the one before")
    last = entry
print(f"{last['sequence']}:{last['hash']}")
