"""Writes a seeded set of mixed mail for contrib/bench mime: mixed-mail.py DIR MEGABYTES SEED.

What a mailbox of a working person holds: short texts, newsletters with text and HTML, mails with
attachments from a few KB to 1 MB, forwards, replies with long References, mails in several scripts;
all with the Received, DKIM and ARC fields that mail has today. One file per message; the list of the
files goes to standard output.
"""

import base64
import os
import quopri
import random
import sys

WORDS = (
    "the meeting report budget review please find attached draft version customer invoice shipment "
    "tomorrow Monday server deploy issue release notes question answer thanks regards sincerely "
    "project schedule holiday team weekly update data analysis results figures plan travel booking "
    "confirm request approve contract signature legal address phone number order delivery"
).split()
OTHER = ["Grüße aus München", "日本語のメールです", "Привет из Москвы", "مرحبا بالعالم", "naïve café"]


def text(rng, count):
    lines = []
    for _ in range(count):
        lines.append(" ".join(rng.choice(WORDS) for _ in range(rng.randint(6, 12))))
    return "\n".join(lines) + "\n"


def token(rng, count):
    return base64.b64encode(rng.randbytes(count)).decode()


def folded(value, width=72):
    return "\n\t".join(value[i : i + width] for i in range(0, len(value), width))


def header(rng, number):
    sender = rng.choice(WORDS)
    lines = [f"Return-Path: <{sender}@example.org>"]
    for hop in range(rng.randint(2, 5)):
        lines.append(
            f"Received: from mx{hop}.example.org (mx{hop}.example.org [192.0.2.{hop}])\n"
            f"\tby mail{hop}.example.net (Postfix) with ESMTPS id {token(rng, 9)}\n"
            f"\tfor <user@example.net>; Tue, 03 Feb 2026 0{hop}:05:06 +0000 (UTC)"
        )
    lines.append(
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=mail;\n\tbh="
        + token(rng, 32) + ";\n\tb=" + folded(token(rng, 256))
    )
    if rng.random() < 0.5:
        lines.append("ARC-Seal: i=1; a=rsa-sha256; t=1770091506; cv=none;\n\tb=" + folded(token(rng, 256)))
        lines.append(
            "ARC-Authentication-Results: i=1; mx.example.net;\n\tdkim=pass header.i=@example.org;"
            "\n\tspf=pass smtp.mailfrom=example.org"
        )
    subject = " ".join(rng.choice(WORDS) for _ in range(rng.randint(3, 8)))
    if rng.random() < 0.2:
        encoded = base64.b64encode(rng.choice(OTHER).encode()).decode()
        subject = f"=?UTF-8?B?{encoded}?= {subject}"
    lines.append(f"Date: Tue, {rng.randint(1, 28):02d} Feb 2026 04:05:06 +0100")
    lines.append(f"From: {sender.title()} Person <{sender}@example.org>")
    lines.append("To: User <user@example.net>, Other Person <other@example.net>")
    lines.append(f"Subject: {subject}")
    lines.append(f"Message-ID: <{number}.{token(rng, 12)}@example.org>")
    if rng.random() < 0.4:
        ids = [f"<{i}.{token(rng, 12)}@example.org>" for i in range(rng.randint(1, 12))]
        lines.append("In-Reply-To: " + ids[-1])
        lines.append("References: " + "\n\t".join(ids))
    lines.append("MIME-Version: 1.0")
    return "\n".join(lines) + "\n"


def plain(rng):
    if rng.random() < 0.3:
        body = "\n".join(rng.choice(OTHER) + " " + " ".join(rng.choices(WORDS, k=6)) for _ in range(20))
        return "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + (
            quopri.encodestring(body.encode()).decode()
        ) + "\n"
    return "Content-Type: text/plain; charset=us-ascii\n\n" + text(rng, rng.randint(5, 80))


def newsletter(rng):
    rows = "".join(
        f'<tr><td style=3D"padding:10px;font-family:Arial"><a href=3D"https://example.org/{token(rng, 24)}">'
        f"{' '.join(rng.choices(WORDS, k=8))}</a></td></tr>=\n" for _ in range(rng.randint(50, 300))
    )
    edge = "alt-" + token(rng, 12)
    return (
        f'Content-Type: multipart/alternative; boundary="{edge}"\n\n--{edge}\n' + plain(rng)
        + f"\n--{edge}\nContent-Type: text/html; charset=utf-8\n"
        + "Content-Transfer-Encoding: quoted-printable\n\n<html><body><table>=\n" + rows
        + f"</table></body></html>\n\n--{edge}--\n"
    )


def attached(rng):
    edge = "mix-" + token(rng, 12)
    parts = [f'Content-Type: multipart/mixed; boundary="{edge}"\n\n--{edge}\n' + rng.choice([plain, newsletter])(rng)]
    for number in range(rng.randint(1, 3)):
        size = int(4096 * 2 ** (rng.random() ** 2 * 8))
        body = base64.encodebytes(rng.randbytes(size)).decode()
        parts.append(
            f"\n--{edge}\nContent-Type: application/pdf; name=\"report {number}.pdf\"\n"
            f"Content-Disposition: attachment; filename=\"report {number}.pdf\"\n"
            "Content-Transfer-Encoding: base64\n\n" + body
        )
    return "".join(parts) + f"\n--{edge}--\n"


def forward(rng, number):
    edge = "fwd-" + token(rng, 12)
    return (
        f'Content-Type: multipart/mixed; boundary="{edge}"\n\n--{edge}\n' + plain(rng)
        + f"\n--{edge}\nContent-Type: message/rfc822\n\n" + header(rng, number) + newsletter(rng) + f"\n--{edge}--\n"
    )


def main():
    folder, megabytes, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    total = number = 0
    while total < megabytes * 1_000_000:
        kind = rng.random()
        if kind < 0.60:
            body = plain(rng)
        elif kind < 0.85:
            body = newsletter(rng)
        elif kind < 0.95:
            body = attached(rng)
        else:
            body = forward(rng, number)
        path = os.path.join(folder, f"{number:06d}.eml")
        octets = (header(rng, number) + body).encode()
        with open(path, "wb") as file:
            file.write(octets)
        print(path)
        total += len(octets)
        number += 1


main()
