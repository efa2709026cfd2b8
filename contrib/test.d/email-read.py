#!/usr/bin/python3
"""Reads composed messages with CPython's email package and prints what it sees.

    email-read.py FILE

FILE holds messages, each as its length in decimal, LF, octets. For each one it prints lines of
fields divided by tabs, then a line with a dot; RoundTripTests.swift compares them with the draft.
Control characters and % are printed as %XX.
"""

import email
import email.policy
import email.utils
import re
import sys
import zlib
from email.header import decode_header, make_header


def escape(text):
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogateescape")
    return b"".join(
        b"%%%02X" % octet if octet < 0x20 or octet in (0x25, 0x7F) else bytes([octet])
        for octet in text
    )


def out(*fields):
    sys.stdout.buffer.write(b"\t".join(escape(field) for field in fields) + b"\n")


def raw_values(message, name):
    """Field bodies as text; addresses may hold UTF-8, which the parser keeps as surrogates."""
    return [
        value.encode("ascii", "surrogateescape").decode("utf-8", "surrogateescape")
        for key, value in message.raw_items()
        if key.lower() == name
    ]


def addresses(values):
    """getaddresses as it always was: Debian's stricter one gives up on address literals."""
    try:
        return email.utils.getaddresses(values, strict=False)
    except TypeError:
        return email.utils.getaddresses(values)


def unflowed(text):
    """RFC 3676 without DelSp: paragraphs, each with its quotation marks once."""
    result, open_depth = [], None
    for line in text.split(b"\n"):
        rest = line.lstrip(b">")
        depth = len(line) - len(rest)
        rest = rest[1:] if rest.startswith(b" ") else rest
        is_signature = rest == b"-- "
        if open_depth == depth and not is_signature:
            result[-1] += rest
        else:
            result.append(b">" * depth + (b" " if depth and rest else b"") + rest)
        open_depth = depth if rest.endswith(b" ") and not is_signature else None
    return b"\n".join(result)


def show_node(part, path):
    # get_filename would take off blanks and quotes at the ends of a name that are its own.
    name = part.get_param("filename", header="content-disposition")
    if isinstance(name, tuple):
        name = name[2].encode("raw-unicode-escape").decode(name[0])
    flowed = part.get_param("format") == "flowed"
    ids = part.get_all("Content-ID", ["-"])
    disposition = part.get_content_disposition() or "-"
    out("node", path, part.get_content_type(), disposition, name or "-", ids[0].strip().strip("<>"))
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        out("embedded", path, str(inner["subject"]), str(inner["message-id"]))
        return [(inner, path + ".1")]
    if part.is_multipart():
        return [(child, f"{path}.{n + 1}") for n, child in enumerate(part.get_payload())]
    content = part.get_payload(decode=True)
    if disposition == "-":
        content = content.replace(b"\r\n", b"\n")
        content = unflowed(content) if flowed else content
    out("content", path, str(len(content)), str(zlib.crc32(content)))
    return []


def show(raw):
    old = email.message_from_bytes(raw)
    new = email.message_from_bytes(raw, policy=email.policy.default)
    # The older package for names: the newer one leaves the blank between two encoded words.
    for field in ("from", "sender", "reply-to", "to", "cc", "bcc"):
        for name, address in addresses(raw_values(old, field)):
            out(field, str(make_header(decode_header(name))), address)
    out("subject", str(new["subject"]))
    for field in ("message-id", "in-reply-to", "references"):
        for value in raw_values(old, field):
            for found in re.findall(r"<([^<>]*)>", value):
                out(field, found)
    date = email.utils.parsedate_to_datetime(str(old["date"]))
    offset = int(date.utcoffset().total_seconds() // 60) if date.utcoffset() else 0
    out("date", str(int(date.timestamp())), str(offset))
    for key, value in new.items():
        if key.lower().startswith("x-t"):
            out("header", key, str(value))
    defects, nodes = 0, [(old, "1")]
    while nodes:
        part, path = nodes.pop(0)
        defects += len(part.defects)
        nodes = show_node(part, path) + nodes
    out("defects", str(defects))
    sys.stdout.buffer.write(b".\n")


def main():
    with open(sys.argv[1], "rb") as file:
        while length := file.readline():
            show(file.read(int(length)))


main()
