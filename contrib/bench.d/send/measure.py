"""Measures and prints for contrib/bench send.

    measure.py WORK PORT-BASE MESSAGES SINGLES RUNS

WORK holds the private mail server (sandbox/) with the accounts alice and bob. A broker runs, where
alice is logged in; mb is found in PATH. bench-send sets all of that up and tells what is measured.
Standard library only.
"""
import base64
import imaplib
import json
import os
import pathlib
import smtplib
import socket
import ssl
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from processes import Process, run_client

WORK = pathlib.Path(sys.argv[1])
PORT_BASE = int(sys.argv[2])
MESSAGES, SINGLES, RUNS = map(int, sys.argv[3:6])
AUTHORITY = WORK / "sandbox/pki/ca.crt"
SUBMISSIONS = PORT_BASE + 465
SENDER, RECIPIENT, PASSWORD = "alice@test.com", "bob@test.com", "pw-alice"
ATTACHMENT = 25_000_000
WAIT_SECONDS = 300
MSMTP = ["msmtp", "-C", WORK / "msmtprc", RECIPIENT]
CURL = ["curl", "-s", "--cacert", AUTHORITY, "--url", f"smtps://localhost:{SUBMISSIONS}",
        "--user", f"{SENDER}:{PASSWORD}", "--mail-from", SENDER, "--mail-rcpt", RECIPIENT]
MB = ["mb", "-a", "alice", "send", "-t", RECIPIENT, "-s", "small"]


def context():
    return ssl.create_default_context(cafile=AUTHORITY)


def message(subject):
    return (f"From: {SENDER}\r\nTo: {RECIPIENT}\r\nSubject: {subject}\r\n"
            "Date: Thu, 26 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{time.monotonic_ns()}@bench.test.com>\r\n\r\n" + "A line.\r\n" * 60)


# --- the server and the broker --------------------------------------------------------------------

class Arrivals:
    """How many messages bob has."""

    def __init__(self):
        self.client = imaplib.IMAP4_SSL("localhost", PORT_BASE + 993, ssl_context=context())
        self.client.login(RECIPIENT, "pw-bob")
        self.expected = self.count()

    def count(self):
        return int(self.client.select("INBOX", readonly=True)[1][0])

    def wait(self, more):
        """Until so many more have arrived, so that deliveries do not slow down who is next."""
        self.expected += more
        wait_until(lambda: self.count() >= self.expected, 0.05)
        if self.count() != self.expected:
            sys.exit(f"bench send: {self.count()} messages arrived, not {self.expected}")


class Broker:
    """A connection to the broker, and its process."""

    def __init__(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.environ["XDG_RUNTIME_DIR"] + "/mailbroker/broker.sock")
        self.lines = connection.makefile("rwb")
        self.process = Process(self.call("status")["pid"])

    def call(self, method, **params):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        self.lines.write(json.dumps(request).encode() + b"\n")
        self.lines.flush()
        return json.loads(self.lines.readline())["result"]

    def unsent(self):
        accounts = self.call("status")["accounts"]
        return next(item["outbox"] for item in accounts if item["name"] == "alice")

    def wait_until_sent(self):
        wait_until(lambda: self.unsent() == 0, 0.002)

    def wait_until_filed(self):
        wait_until(lambda: not self.call("outbox.list")["items"], 0.02)


def wait_until(condition, pause):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"bench send: it did not end within {WAIT_SECONDS} s")
        time.sleep(pause)


def timed(command, octets=b""):
    start = time.monotonic()
    subprocess.run([str(word) for word in command], input=octets, check=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - start


# --- what is measured -----------------------------------------------------------------------------

def one_message(broker, arrivals):
    seconds = {"mb send": [], "mb send --wait": [], "msmtp": [], "curl smtps": []}
    (WORK / "small.eml").write_text(message("small"))
    small = (WORK / "small.eml").read_bytes()
    for _ in range(SINGLES):
        seconds["mb send"].append(timed([*MB, "--body", "A line."]))
        broker.wait_until_filed()
        seconds["mb send --wait"].append(timed([*MB, "--body", "A line.", "--wait"]))
        broker.wait_until_filed()
        seconds["msmtp"].append(timed(MSMTP, small))
        seconds["curl smtps"].append(timed([*CURL, "-T", WORK / "small.eml"]))
        arrivals.wait(4)
    return seconds


def submit_all():
    """Gives messages to the broker in one conversation, as a program does that calls sendmail."""
    lines = ["EHLO bench"]
    for number in range(MESSAGES):
        lines += [f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{RECIPIENT}>", "DATA",
                  message(f"number {number}").replace("\r\n", "\n") + "."]
    text = "\n".join(lines + ["QUIT"]) + "\n"
    answer = subprocess.run(["mb", "-a", "alice", "sendmail", "-bs"], input=text.encode(),
                            capture_output=True, check=True)
    taken = answer.stdout.count(b"queued")
    if taken != MESSAGES:
        sys.exit(f"bench send: the broker took {taken} messages: {answer.stdout[-300:]}")


def loop():
    """The floor: one held connection, one message after the other."""
    client = smtplib.SMTP_SSL("localhost", SUBMISSIONS, context=context())
    client.login(SENDER, PASSWORD)
    start = time.monotonic()
    for number in range(MESSAGES):
        client.sendmail(SENDER, [RECIPIENT], message(f"number {number}"))
    seconds = time.monotonic() - start
    client.quit()
    return seconds


def many_messages(broker, arrivals):
    rates = {"taken in": [], "sent": [], "filed": [], "loop": [], "msmtp": []}
    for _ in range(RUNS):
        broker.wait_until_filed()
        start = time.monotonic()
        submit_all()
        rates["taken in"].append(MESSAGES / (time.monotonic() - start))
        broker.wait_until_sent()
        rates["sent"].append(MESSAGES / (time.monotonic() - start))
        broker.wait_until_filed()
        rates["filed"].append(MESSAGES / (time.monotonic() - start))
        arrivals.wait(MESSAGES)
        rates["loop"].append(MESSAGES / loop())
        arrivals.wait(MESSAGES)
        share = MESSAGES // 10
        small = message("small").encode()
        rates["msmtp"].append(share / sum(timed(MSMTP, small) for _ in range(share)))
        arrivals.wait(share)
    return rates


def attachment(broker, arrivals):
    file = WORK / "large.bin"
    file.write_bytes(os.urandom(ATTACHMENT))
    boundary = "=-bench"
    composed = WORK / "large.eml"
    composed.write_bytes(
        message("large").partition("\r\n\r\n")[0].encode()
        + f'\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"'
          f"\r\n\r\n--{boundary}\r\n\r\nA line.\r\n--{boundary}\r\n"
          "Content-Type: application/octet-stream\r\n"
          "Content-Transfer-Encoding: base64\r\n\r\n".encode()
        + base64.encodebytes(file.read_bytes()).replace(b"\n", b"\r\n")
        + f"--{boundary}--\r\n".encode())
    command = " ".join(f"'{word}'" for word in MSMTP) + f" < '{composed}'"
    found = {"mb send --wait": [], "msmtp": [], "curl smtps": []}
    for _ in range(RUNS):
        broker.wait_until_filed()
        broker.process.forget_peak()
        before, cpu = broker.process.memory("VmRSS"), broker.process.cpu()
        seconds = timed([*MB, "--body", "A line.", "--attach", file, "--wait"])
        broker.wait_until_filed()
        found["mb send --wait"].append(
            (seconds, broker.process.cpu() - cpu, broker.process.memory("VmHWM") - before))
        for name, words in (("msmtp", ["sh", "-c", f"exec {command}"]),
                            ("curl smtps", [*CURL, "-T", composed])):
            _, cpu, peak, seconds = run_client(words, [])
            found[name].append((seconds, cpu, peak))
        arrivals.wait(3)
    return found


# --- the report -----------------------------------------------------------------------------------

def report(singles, rates, large):
    print(f"1. one small message, median of {SINGLES}, ms (slowest tenth above)")
    for name, values in singles.items():
        tenth = sorted(values)[len(values) * 9 // 10]
        print(f"   {name:24}{statistics.median(values) * 1000:10.1f}{tenth * 1000:10.1f}")
    print(f"2. {MESSAGES} messages on the held session, a second, median of {RUNS}")
    middle = {name: statistics.median(values) for name, values in rates.items()}
    for name, label in (("taken in", "mb: taken in"), ("sent", "mb: sent"),
                        ("filed", "mb: sent, and in Sent"), ("loop", "smtplib, one connection"),
                        ("msmtp", "msmtp, once a message")):
        shares = f"{middle[name] / middle['loop']:8.2f} x loop{middle[name] / middle['msmtp']:8.2f}"
        print(f"   {label:24}{middle[name]:10.1f}{shares} x msmtp")
    print(f"3. an attachment of {ATTACHMENT // 1_000_000} MB, median of {RUNS}:"
          " seconds, CPU seconds, MB of memory (ours: growth)")
    for name, values in large.items():
        row = [statistics.median(column) for column in zip(*values)]
        print(f"   {name:24}{row[0]:10.2f}{row[1]:10.2f}{row[2]:10.1f}")
    print("load of the machine at the end: %.2f" % os.getloadavg()[0],
          "on", os.cpu_count(), "processors")


def main():
    (WORK / "msmtprc").write_text(
        f"account default\nhost localhost\nport {SUBMISSIONS}\nfrom {SENDER}\nauth plain\n"
        f"user {SENDER}\npassword {PASSWORD}\ntls on\ntls_starttls off\n"
        f"tls_trust_file {AUTHORITY}\n")
    (WORK / "msmtprc").chmod(0o600)
    broker, arrivals = Broker(), Arrivals()
    singles = one_message(broker, arrivals)
    rates = many_messages(broker, arrivals)
    report(singles, rates, attachment(broker, arrivals))


main()
