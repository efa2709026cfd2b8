"""The headers of an INBOX with Python: fetch-imaplib.py PORT CA-FILE USER ITEMS < PASSWORD.

The peer of contrib/bench sync that anybody could write in ten lines: imaplib sends the one FETCH,
email.parser reads each header, and the decoded fields are kept. Prints one JSON object: seconds
from the login until all are read, messages, octets of headers, and kilobytes of memory at most.
"""
import email.header
import email.parser
import imaplib
import json
import pathlib
import re
import ssl
import sys
import time

FIELDS = ["date", "from", "to", "cc", "subject", "message-id", "content-type"]


def main():
    port, authority, user, items = sys.argv[1:]
    imap = imaplib.IMAP4_SSL(
        "localhost", int(port), ssl_context=ssl.create_default_context(cafile=authority))
    imap.login(user, sys.stdin.readline().rstrip("\n"))
    start = time.monotonic()
    imap.select("INBOX")
    status, answer = imap.fetch("1:*", items)
    if status != "OK":
        sys.exit(f"fetch-imaplib: {answer}")
    parser = email.parser.BytesParser()
    octets = 0
    kept = []
    for item in answer:
        if not isinstance(item, tuple):
            continue
        line, header = item
        octets += len(header)
        message = parser.parsebytes(header, headersonly=True)
        fields = {name: str(email.header.make_header(email.header.decode_header(message[name])))
                  for name in FIELDS if message[name] is not None}
        kept.append((int(re.search(rb"UID (\d+)", line)[1]), imaplib.ParseFlags(line), fields))
    seconds = time.monotonic() - start
    status = pathlib.Path("/proc/self/status").read_text()
    memory = int(re.search(r"VmHWM:\s+(\d+)", status)[1])
    print(json.dumps({"seconds": seconds, "messages": len(kept), "octets": octets,
                      "memory": memory}))
    imap.logout()


main()
