"""Writes a seeded INBOX for contrib/bench sync: seed-mailbox.py HOME MESSAGES SEED.

Makes HOME/Maildir with that many messages of about 7 KB: four Received fields, DKIM-Signature,
threads, lists, plain text and HTML, names in several scripts. Message K depends on SEED and K only,
so that a small mailbox is the beginning of a larger one. Files say their sizes and flags in their
names and sort by their time, so that Dovecot gives message K the UID K. Everything belongs to the
owner of the directory above HOME, as whom the server runs. Prints the messages and octets written.
"""
import base64
import email.utils
import os
import random
import sys

FIRST_TIME = 1_700_000_000  # of the first message; ten digits for longer than anybody waits
SECONDS_APART = 400
ADDRESS = "user@test.com"
TEXT_OCTETS = 1 << 18
WORDS = (
    "the of a to and for in is it this that with from have will can please attached review build "
    "release server client thread message answer question patch test report meeting invoice order "
    "schedule project deadline budget customer contract database backup network account payment "
    "shipment holiday result figure analysis update version note team plan travel booking request"
).split()
PEOPLE = [
    "Anna Smith", "Ben Jones", "Clara Novak", "David Kim", "Emma Larsen", "Felix Baker",
    "Ida Rossi", "Jakob Miller", "Karen Patel", "Liam Dubois", "Mia Silva", "Paul Garcia", "Rosa Haddad",
    "Sam Nguyen", "Tara O'Neil", "Jürgen Müller", "Åsa Öberg", "Łukasz Żak", "Ольга Иванова",
    "山田太郎", "김민수", "Zoë Brontë",
]
SUBJECTS = ["Rechnung für März", "Протокол встречи", "会議の資料について", "Réunion reportée à jeudi"]
HOSTS = ["example.org", "example.com", "mail.example.net", "corp.example", "lists.example.org"]
LISTS = ["announce", "developers", "users", "team"]


def encoded(text):
    """The text as it stands in a field (RFC 2047)."""
    if text.isascii():
        return text
    return "=?UTF-8?B?" + base64.b64encode(text.encode()).decode() + "?="


def token(rng, count):
    return base64.b64encode(rng.randbytes(count)).decode()


def folded(value, width=70):
    return "\n\t".join(value[i : i + width] for i in range(0, len(value), width))


def message_id(number):
    """The Message-ID of a message, without making the message."""
    mixed = number * 0x9E3779B97F4A7C15 & (1 << 64) - 1
    return f"<{mixed:016x}.{number}@{HOSTS[number % len(HOSTS)]}>"


def long_text(rng):
    """Lines that bodies are cut out of."""
    lines = []
    size = 0
    while size < TEXT_OCTETS:
        line = " ".join(rng.choices(WORDS, k=rng.randint(8, 12)))
        lines.append(line)
        size += len(line) + 1
    return lines


def body(rng, lines):
    """The Content-* fields, an empty line and the body."""
    count = int(rng.triangular(10, 150, 70))
    start = rng.randrange(len(lines) - count)
    text = "\n".join(lines[start : start + count]) + "\n"
    kind = rng.random()
    if kind < 0.5:
        return f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\n{text}"
    edge = token(rng, 15)
    half = len(text) // 2
    plain = f"--{edge}\nContent-Type: text/plain; charset=utf-8\n\n{text[:half]}\n"
    if kind < 0.85:
        html = f"<html><body><p>{text[half:]}</p></body></html>\n"
        return (f'Content-Type: multipart/alternative;\n\tboundary="{edge}"\n\n{plain}--{edge}\n'
                f"Content-Type: text/html; charset=utf-8\n\n{html}\n--{edge}--\n")
    data = folded(base64.b64encode(text[half:].encode()).decode(), 76).replace("\t", "")
    return (f'Content-Type: multipart/mixed; boundary="{edge}"\n\n{plain}--{edge}\n'
            'Content-Type: application/pdf; name="report.pdf"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: attachment; filename="report.pdf"\n\n{data}\n--{edge}--\n')


def header(rng, number, time):
    date = email.utils.formatdate(time)
    host = rng.choice(HOSTS)
    person = rng.choice(PEOPLE)
    sender = f"person{PEOPLE.index(person)}.{rng.randrange(15)}@{host}"
    lines = [f"Return-Path: <{sender}>"]
    for hop in range(4, 0, -1):
        lines.append(f"Received: from mx{hop}.{host} (mx{hop}.{host} [192.0.2.{hop}])\n"
                     f"\tby relay{hop}.example.net (Postfix) with ESMTPS id {token(rng, 6)}\n"
                     f"\tfor <{ADDRESS}>; {date}")
    lines.append(f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={host}; s=mail;\n"
                 "\th=from:to:cc:subject:date:message-id:references:list-id;\n"
                 f"\tbh={token(rng, 32)};\n\tb={folded(token(rng, 256))}")
    lines.append(f"Date: {date}")
    lines.append(f"From: {encoded(person)} <{sender}>")
    copies = [f"{encoded(name)} <copy{place}@example.com>"
              for place, name in enumerate(rng.sample(PEOPLE, rng.choice((0, 0, 0, 1, 2, 5))))]
    lines.append(f"To: {encoded(rng.choice(PEOPLE))} <{ADDRESS}>")
    if copies:
        lines.append("Cc: " + ",\n\t".join(copies))
    subject = " ".join(rng.choices(WORDS, k=rng.randint(3, 8)))
    if rng.random() < 0.15:
        subject = encoded(rng.choice(SUBJECTS)) + " " + subject
    lines.append(f"Message-ID: {message_id(number)}")
    if number > 1 and rng.random() < 0.5:
        ids = sorted({max(1, number - rng.randint(1, 60)) for _ in range(rng.randint(1, 6))})
        lines.append(f"Subject: Re: {subject}")
        lines.append(f"In-Reply-To: {message_id(ids[-1])}")
        lines.append("References: " + "\n\t".join(map(message_id, ids)))
    else:
        lines.append(f"Subject: {subject}")
    if rng.random() < 0.4:
        name = rng.choice(LISTS)
        lines.append(f"List-Id: The {name} list <{name}.lists.example.org>")
        lines.append(f"List-Unsubscribe: <https://lists.example.org/{name}/{token(rng, 18)}>")
        lines.append(f"List-Post: <mailto:{name}@lists.example.org>\nPrecedence: list")
    lines.append("MIME-Version: 1.0")
    return "\n".join(lines) + "\n"


def flags(rng):
    """Letters of a Maildir name: most messages are seen, some answered or flagged."""
    seen = rng.random() < 0.85
    letters = ("F" if rng.random() < 0.03 else "") + ("R" if seen and rng.random() < 0.15 else "")
    return letters + ("S" if seen else "")


def main():
    home, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    owner = os.stat(os.path.dirname(home))
    for path in ("", "/Maildir", "/Maildir/cur", "/Maildir/new", "/Maildir/tmp"):
        os.mkdir(home + path, 0o700)
        os.chown(home + path, owner.st_uid, owner.st_gid)
    lines = long_text(random.Random(seed))
    total = 0
    for number in range(1, count + 1):
        rng = random.Random(seed << 32 | number)
        time = FIRST_TIME + number * SECONDS_APART
        octets = (header(rng, number, time) + body(rng, lines)).encode()
        # W is the size with CRLF, which IMAP tells.
        sizes = f"S={len(octets)},W={len(octets) + octets.count(10)}"
        path = f"{home}/Maildir/cur/{time}.{number}.bench,{sizes}:2,{flags(rng)}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, octets)
        os.fchown(file, owner.st_uid, owner.st_gid)
        os.close(file)
        os.utime(path, (time, time))  # Dovecot tells it as INTERNALDATE
        total += len(octets)
    print(count, total)


main()
