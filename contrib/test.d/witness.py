#!/usr/bin/python3
"""An independent witness for the end-to-end tests: one mailbox seen by Python's imaplib.

    witness.py ADDRESS list MAILBOX          JSON: uid, flags, size and some headers of each message
    witness.py ADDRESS raw MAILBOX UID       the message's octets
    witness.py ADDRESS append MAILBOX [FLAG] adds the message on standard input
    witness.py ADDRESS fill MAILBOX COUNT [WORD]  adds COUNT small messages; with another WORD of 4
                                             letters others of the same size
    witness.py ADDRESS flag MAILBOX UID FLAG sets a flag
    witness.py ADDRESS move MAILBOX UID TO   moves a message
    witness.py ADDRESS expunge MAILBOX UID   deletes a message for good
    witness.py ADDRESS mailboxes             JSON: names
    witness.py ADDRESS prefix                JSON: what the names of the user's mailboxes begin with
    witness.py ADDRESS create MAILBOX        makes a mailbox
    witness.py ADDRESS rename MAILBOX NEW    gives it another name
    witness.py ADDRESS recreate MAILBOX      deletes it and makes it anew, with another UIDVALIDITY
    witness.py ADDRESS clear                 deletes all messages, and the mailboxes without a use

UID may be #N, the number of the message in its mailbox.
WITNESS_PASSWORD, WITNESS_CA and WITNESS_PORT_BASE say the rest; WITNESS_HOST and WITNESS_PORT name
another server than the sandbox's. Standard library only.
"""
import email
import email.policy
import imaplib
import json
import os
import re
import ssl
import sys

imaplib._MAXLINE = 200_000_000


def login(address):
    context = ssl.create_default_context(cafile=os.environ["WITNESS_CA"])
    host = os.environ.get("WITNESS_HOST", "localhost")
    port = int(os.environ.get("WITNESS_PORT") or int(os.environ["WITNESS_PORT_BASE"]) + 993)
    imap = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=120)
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


def uid_of(imap, text):
    """The UID that is meant in the open mailbox."""
    if not text.startswith("#"):
        return text
    return check(imap.uid("SEARCH", text[1:]))[0].decode()


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
    sys.stdout.buffer.write(octets_of(check(imap.uid("FETCH", uid_of(imap, uid),
                                                     "(BODY.PEEK[])"))))


def append(imap, mailbox, flags=""):
    text = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    check(imap.append(mailbox, flags, None, text))


def fill(imap, mailbox, count, word="fill"):
    for number in range(1, int(count) + 1):
        text = (f"From: Friend {number} <friend{number}@test.com>\r\nTo: me@test.com\r\n"
                f"Subject: message {number}\r\nMessage-ID: <{word}-{number}@test.com>\r\n"
                "Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n\r\nHello.\r\n")
        check(imap.append(mailbox, "", None, text.encode()))


def flag(imap, mailbox, uid, name):
    check(imap.select(mailbox))
    check(imap.uid("STORE", uid_of(imap, uid), "+FLAGS.SILENT", f"({name})"))


def expunge(imap, mailbox, uid):
    check(imap.select(mailbox))
    remove(imap, uid_of(imap, uid))


def remove(imap, uid):
    check(imap.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)"))
    check(imap.uid("EXPUNGE", uid))


def move(imap, mailbox, uid, target):
    check(imap.select(mailbox))
    uid = uid_of(imap, uid)
    if "MOVE" in imap.capabilities:
        check(imap.uid("MOVE", uid, target))
    else:
        check(imap.uid("COPY", uid, target))
        remove(imap, uid)


def listed(imap):
    """Pairs of a mailbox's attributes and its name; none of the sandboxes has a blank in a name."""
    for line in check(imap.list()):
        attributes, _, name = re.fullmatch(rb'\((.*)\) ("."|NIL) (.*)', line).groups()
        yield attributes.decode().lower().split(), name.decode().strip('"')


def mailboxes(imap):
    print(json.dumps([name for _, name in listed(imap)]))


def prefix_of(imap):
    return re.match(rb'\(\("([^"]*)"', check(imap.namespace())[0])[1].decode()


def prefix(imap):
    print(json.dumps(prefix_of(imap)))


def create(imap, mailbox):
    check(imap.create(mailbox))


def rename(imap, mailbox, name):
    check(imap.rename(mailbox, name))


def epoch(imap, mailbox):
    return re.search(rb"UIDVALIDITY (\d+)", check(imap.status(mailbox, "(UIDVALIDITY)"))[0])[1]


def recreate(imap, mailbox):
    """Until the server gives another epoch: some give the time in seconds."""
    before = epoch(imap, mailbox)
    while True:
        check(imap.delete(mailbox))
        check(imap.create(mailbox))
        if epoch(imap, mailbox) != before:
            return


def clear(imap):
    uses = {"\\" + use for use in ("sent", "trash", "drafts", "junk", "archive")}
    # Those below others first.
    for attributes, name in sorted(listed(imap), key=lambda pair: pair[1], reverse=True):
        has_use = name.upper() == "INBOX" or uses.intersection(attributes)
        # Courier keeps its Trash.
        if not has_use and imap.delete(name)[0] == "OK":
            continue
        if int(check(imap.select(name))[0]) > 0:
            check(imap.store("1:*", "+FLAGS.SILENT", "(\\Deleted)"))
            check(imap.expunge())
    if imap.state == "SELECTED":
        check(imap.unselect() if "UNSELECT" in imap.capabilities else imap.close())


def main():
    address, command, *rest = sys.argv[1:]
    verbs = {"list": list_messages, "raw": raw, "append": append, "fill": fill, "flag": flag,
             "move": move, "expunge": expunge, "mailboxes": mailboxes, "prefix": prefix,
             "create": create, "rename": rename, "recreate": recreate, "clear": clear}
    imap = login(address)
    verbs[command](imap, *rest)
    imap.shutdown()


if __name__ == "__main__":
    main()
