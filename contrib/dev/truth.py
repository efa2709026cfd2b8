#!/usr/bin/python3
"""The other client of contrib/dev/truth: truth.py SECONDS CHANGES SEED CUTFILE CACHE USER

Changes USER's mailboxes at random, cuts the broker's wire at random, lists at random, and compares
in the end. Talks to the server as contrib/test.d/witness.py does. Standard library only.
"""
import json
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing is to be left beside the witness
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "test.d"))
from witness import check, listed, login, prefix_of  # noqa: E402

SECONDS, CHANGES, SEED = map(int, sys.argv[1:4])
CUT, CACHE, USER = sys.argv[4:7]
MAILBOXES = ["INBOX", "Archive", "Sent", "Drafts", "Work"]
FLAGS = [r"\Seen", r"\Flagged", r"\Answered", "$Forwarded", "project"]
MESSAGES_AT_FIRST = 40
ROWS_MAX = 5000
chance = random.Random(SEED)
written = 0


def append(imap, mailbox):
    global written
    written += 1
    flags = " ".join(flag for flag in FLAGS if chance.random() < 0.2)
    text = (f"From: Friend {written} <friend{written}@test.com>\r\nTo: alice@test.com\r\n"
            f"Subject: message {written}\r\nMessage-ID: <truth-{SEED}-{written}@test.com>\r\n"
            "Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n\r\nHello.\r\n")
    check(imap.append(mailbox, f"({flags})", None, text.encode()))


def expunge(imap, uids):
    check(imap.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)"))
    check(imap.expunge())


def change(imap):
    mailbox = chance.choice(MAILBOXES)
    check(imap.select(mailbox))
    uids = check(imap.uid("SEARCH", "ALL"))[0].decode().split()
    kind = chance.random()
    if kind < 0.3 or len(uids) < 5:
        append(imap, mailbox)
        return
    some = ",".join(chance.sample(uids, chance.randint(1, 4)))
    target = chance.choice([other for other in MAILBOXES if other != mailbox])
    if kind < 0.65:
        verb = chance.choice(["+FLAGS", "-FLAGS", "+FLAGS.SILENT"])
        check(imap.uid("STORE", some, verb, f"({chance.choice(FLAGS)})"))
    elif kind < 0.8:
        expunge(imap, some)
    elif kind < 0.85:
        check(imap.uid("COPY", some, target))
    elif "MOVE" in imap.capabilities:
        check(imap.uid("MOVE", some, target))
    else:
        check(imap.uid("COPY", some, target))
        expunge(imap, some)


def listing(mailbox, *options):
    words = ["mb", "list", mailbox, "--json", "-n", str(ROWS_MAX), *options]
    return subprocess.run(words, capture_output=True, check=False)


def settle():
    """Lists every mailbox until the server has answered."""
    for mailbox in MAILBOXES:
        deadline = time.monotonic() + 600
        while (outcome := listing(mailbox, "--fresh")).returncode != 0:
            if time.monotonic() > deadline:
                sys.exit(f"truth: {mailbox}: {outcome.stderr.decode()}")
            time.sleep(0.2)
        answer = json.loads(outcome.stdout)
        if len(answer["messages"]) != answer["total"]:
            print(f"{mailbox}: {len(answer['messages'])} of {answer['total']} listed")


def on_server(imap, mailbox):
    check(imap.select(mailbox, readonly=True))
    fields = "BODY.PEEK[HEADER.FIELDS (SUBJECT MESSAGE-ID)]"
    found = {}
    for item in check(imap.uid("FETCH", "1:*", f"(UID FLAGS {fields})")):
        if not isinstance(item, tuple):
            continue
        line, header = item[0].decode(), item[1].decode()
        flags = set(re.search(r"FLAGS \(([^)]*)\)", line)[1].split()) - {r"\Recent"}
        found[int(re.search(r"UID (\d+)", line)[1])] = (
            sorted(flag.lower() for flag in flags),
            re.search(r"(?i)subject: (.*)\r\n", header)[1],
            re.search(r"(?i)message-id: <(.*)>\r\n", header)[1])
    return found


def in_cache(cache, mailbox):
    rows = cache.execute(
        # What is gone keeps its number for a while, for when it appears elsewhere.
        "SELECT uid, flags, subject, message_id FROM message WHERE lost_at IS NULL AND mailbox = "
        "(SELECT id FROM mailbox WHERE name = ?)", (mailbox.encode(),))
    return {uid: (sorted(flags.lower().split()), subject, message_id)
            for uid, flags, subject, message_id in rows}


def differences(imap):
    count, messages = 0, 0
    with sqlite3.connect(f"file:{CACHE}?mode=ro", uri=True) as cache:
        for mailbox in MAILBOXES:
            there, here = on_server(imap, mailbox), in_cache(cache, mailbox)
            messages += len(there)
            for uid in sorted(there.keys() | here.keys()):
                if there.get(uid) != here.get(uid):
                    count += 1
                    print(f"{mailbox} {uid}: server {there.get(uid)}, cache {here.get(uid)}")
    return count, messages


def main():
    print(f"seed {SEED}", flush=True)
    imap = login(USER)
    there = {name for _, name in listed(imap)}
    before = prefix_of(imap)
    MAILBOXES[1:] = [before + name for name in MAILBOXES[1:]]
    for name in MAILBOXES:
        if name not in there:
            check(imap.create(name))
    for mailbox in MAILBOXES:
        for _ in range(MESSAGES_AT_FIRST):
            append(imap, mailbox)
    subprocess.run(["mb", "folders", "--fresh"], stdout=subprocess.DEVNULL, check=True)
    settle()
    began, cuts, lists = time.monotonic(), 0, 0
    for number in range(CHANGES):
        change(imap)
        if chance.random() < 1 / 20 and not os.path.exists(CUT):
            with open(CUT + ".new", "w", encoding="ascii") as file:
                file.write(str(chance.randint(1, 4000)))
            os.rename(CUT + ".new", CUT)
            cuts += 1
        if chance.random() < 1 / 5:
            listing(chance.choice(MAILBOXES))
            lists += 1
        pause = began + SECONDS * (number + 1) / CHANGES - time.monotonic()
        if pause > 0:
            time.sleep(pause)
    spent = time.monotonic() - began
    if os.path.exists(CUT):
        os.remove(CUT)
    settle()
    count, messages = differences(imap)
    status = subprocess.run(["mb", "status", "--json"], capture_output=True, check=True)
    logins = json.loads(status.stdout)["accounts"][0]["imap"]["logins"]
    print(f"{CHANGES} changes in {spent:.0f} s, {cuts} cuts asked for, {lists} lists, "
          f"{logins} logins of the broker, {messages} messages: {count} differences")
    sys.exit(count > 0)


main()
