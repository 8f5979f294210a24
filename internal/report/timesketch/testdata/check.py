"""Passes the lines through the import client of Timesketch as an upload does, up to the network.

Exit 77 if the client is not installed.
"""
import json
import sys

try:
    from timesketch_import_client import importer
except ImportError:
    print("python3 has no timesketch-import-client")
    sys.exit(77)

streamer = importer.ImportStreamer()
with open(sys.argv[1], encoding="utf-8") as lines:
    for number, line in enumerate(lines, 1):
        row = json.loads(line)
        before = dict(row)
        fixed = streamer._fix_dict(row) or row
        for name in ("message", "datetime", "timestamp_desc"):
            if not isinstance(fixed.get(name), str) or not fixed[name]:
                sys.exit(f"line {number}: {name} is missing")
        if fixed["message"] != before["message"] or fixed["datetime"][:19] != before["datetime"][:19]:
            sys.exit(f"line {number}: the client reads {fixed['datetime']} from {before['datetime']}")
