#!/usr/bin/python3
"""An independent witness for the end-to-end tests: one mailbox seen by Python's imaplib.

    witness.py ADDRESS list MAILBOX          JSON: uid, flags, size and some headers of each message
    witness.py ADDRESS raw MAILBOX UID       the message's octets
    witness.py ADDRESS append MAILBOX [FLAG] adds the message on standard input
    witness.py ADDRESS fill MAILBOX COUNT    adds COUNT small messages
    witness.py ADDRESS flag MAILBOX UID FLAG sets a flag
    witness.py ADDRESS expunge MAILBOX UID   deletes a message for good
    witness.py ADDRESS mailboxes             JSON: names

WITNESS_PASSWORD, WITNESS_CA and WITNESS_PORT_BASE say the rest. Standard library only.
"""
import email
import email.policy
import imaplib
import json
import os
import ssl
import sys

imaplib._MAXLINE = 200_000_000


def login(address):
    context = ssl.create_default_context(cafile=os.environ["WITNESS_CA"])
    port = int(os.environ["WITNESS_PORT_BASE"]) + 993
    imap = imaplib.IMAP4_SSL("localhost", port, ssl_context=context, timeout=120)
    imap._encoding = "utf-8"
    imap.login(address, os.environ["WITNESS_PASSWORD"])
    return imap


def check(answer):
    status, data = answer
    if status != "OK":
        sys.exit(f"witness: {status} {data}")
    return data


def octets_of(data):
    return next(item[1] for item in data if isinstance(item, tuple))


def list_messages(imap, mailbox):
    check(imap.select(mailbox, readonly=True))
    found = []
    for uid in check(imap.uid("SEARCH", "ALL"))[0].split():
        data = check(imap.uid("FETCH", uid, "(FLAGS RFC822.SIZE BODY.PEEK[HEADER])"))
        line = b" ".join(item[0] if isinstance(item, tuple) else item for item in data)
        header = email.message_from_bytes(octets_of(data), policy=email.policy.default)
        found.append({
            "uid": int(uid),
            "flags": [flag.decode() for flag in imaplib.ParseFlags(line)],
            "size": int(line.split(b"RFC822.SIZE ")[1].split()[0].rstrip(b")")),
            "subject": str(header["Subject"] or ""),
            "to": str(header["To"] or ""),
            "bcc": None if header["Bcc"] is None else str(header["Bcc"]),
            "messageID": str(header["Message-ID"] or ""),
        })
    print(json.dumps(found))


def raw(imap, mailbox, uid):
    check(imap.select(mailbox, readonly=True))
    sys.stdout.buffer.write(octets_of(check(imap.uid("FETCH", uid, "(BODY.PEEK[])"))))


def append(imap, mailbox, flags=""):
    text = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    check(imap.append(mailbox, flags, None, text))


def fill(imap, mailbox, count):
    for number in range(1, int(count) + 1):
        text = (f"From: Friend {number} <friend{number}@test.com>\r\nTo: me@test.com\r\n"
                f"Subject: message {number}\r\nMessage-ID: <fill-{number}@test.com>\r\n"
                "Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n\r\nHello.\r\n")
        check(imap.append(mailbox, "", None, text.encode()))


def flag(imap, mailbox, uid, name):
    check(imap.select(mailbox))
    check(imap.uid("STORE", uid, "+FLAGS.SILENT", f"({name})"))


def expunge(imap, mailbox, uid):
    flag(imap, mailbox, uid, "\\Deleted")
    check(imap.uid("EXPUNGE", uid))


def mailboxes(imap):
    names = [line.decode().split(' "/" ')[-1].split(" ")[-1] for line in check(imap.list())]
    print(json.dumps(names))


def main():
    address, command, *rest = sys.argv[1:]
    verbs = {"list": list_messages, "raw": raw, "append": append, "fill": fill, "flag": flag,
             "expunge": expunge, "mailboxes": mailboxes}
    imap = login(address)
    verbs[command](imap, *rest)
    imap.shutdown()


if __name__ == "__main__":
    main()
