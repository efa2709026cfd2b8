#!/usr/bin/python3
"""The servers, clients and killer of contrib/dev/crashtest:

    crashtest.py kills|faults MESSAGES KILLS SEED DIRECTORY

Standard library only.
"""
import collections
import imaplib
import json
import os
import pathlib
import random
import signal
import socketserver
import ssl
import subprocess
import sys
import threading
import time

MODE = sys.argv[1]
MESSAGES, KILLS, SEED = map(int, sys.argv[2:5])
WORK = pathlib.Path(sys.argv[5])
DROPS = 0.25  # connections that end when the message has been taken
CLIENTS = 4
ATTEMPTS_MAX = 400
SETTLED_WAIT = 240  # seconds; a message that may have been sent is looked for after 30


class Deliveries:
    """What the SMTP server has taken, by Message-ID."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.dropped = 0

    def take(self, message):
        head = message.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
        for line in head.split("\r\n"):
            if line.lower().startswith("message-id:"):
                with self.lock:
                    self.counts[line.split(":", 1)[1].strip().strip("<>")] += 1


class Submission(socketserver.StreamRequestHandler):
    """An SMTP session; takes every message, and says so most of the time."""

    def handle(self):
        try:
            self.converse()
        except OSError:
            pass

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")
        self.wfile.flush()

    def converse(self):
        server = self.server
        self.say("220 crashtest")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"EHLO":
                self.say("250-crashtest\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250 AUTH PLAIN")
            elif verb == b"AUTH":
                self.say("235 in")
            elif verb == b"DATA":
                self.say("354 go on")
                message = b""
                while not message.endswith(b"\r\n.\r\n"):
                    octets = self.rfile.readline()
                    if not octets:
                        return
                    message += octets
                server.deliveries.take(message)
                if server.drops and server.chance.random() < DROPS:
                    server.deliveries.dropped += 1
                    return
                self.say("250 2.0.0 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class SubmissionServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, drops):
        super().__init__(("127.0.0.1", 0), Submission)
        self.deliveries = Deliveries()
        self.chance = random.Random(SEED)
        self.drops = drops
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Broker:
    """The broker, which may be killed and is started again."""

    def __init__(self):
        self.process = None
        self.kills = 0

    def start(self):
        self.process = subprocess.Popen(
            ["mailbrokerd", "--foreground"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def ensure(self):
        if self.process is None or self.process.poll() is not None:
            self.start()


def configure(port):
    config = WORK / "config/mailbroker/config.toml"
    config.touch(mode=0o600)
    config.write_text(f"""
[account.alice]
address = "alice@test.com"
imap = {{ host = "localhost", port = {os.environ["CRASHTEST_IMAP"]}, tls = "implicit" }}
smtp = {{ host = "127.0.0.1", port = {port}, tls = "none" }}
ca_file = "{os.environ["CRASHTEST_CA"]}"
password_command = ["printf", "pw-alice"]
fetch_ahead = false
""")


def mb(*words, wait=60):
    try:
        done = subprocess.run(["mb", "--json", *words], capture_output=True, timeout=wait,
                              stdin=subprocess.DEVNULL)
        return done.returncode, json.loads(done.stdout or b"{}")
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return 75, {}


def send(number, acked):
    """Sends a message until it is taken in, always under the same key."""
    for _ in range(ATTEMPTS_MAX):
        status, answer = mb("send", "--key", f"key-{SEED}-{number}", "-t", "bob@test.com",
                            "-s", f"message {number}", "--body", f"Hello {number}.")
        if status == 0:
            acked[number] = answer["item"]["message_id"]
            return
        time.sleep(0.02)


def outbox():
    for _ in range(ATTEMPTS_MAX):
        status, answer = mb("outbox", "list", "--all")
        if status == 0:
            return answer["items"]
        time.sleep(0.05)
    sys.exit("crashtest: the outbox cannot be listed")


def settle(broker):
    """Waits until nothing in the outbox moves any more."""
    end = time.monotonic() + SETTLED_WAIT
    while time.monotonic() < end:
        broker.ensure()
        items = outbox()
        moving = [item for item in items
                  if item["state"] in ("queued", "sending", "dot", "unknown", "sent")]
        if not moving:
            return items
        time.sleep(0.3)
    print("still moving:", collections.Counter(item["state"] for item in moving))
    return outbox()


def copies():
    context = ssl.create_default_context(cafile=os.environ["CRASHTEST_CA"])
    imap = imaplib.IMAP4_SSL("localhost", int(os.environ["CRASHTEST_IMAP"]), ssl_context=context)
    imap.login("alice@test.com", "pw-alice")
    counts = collections.Counter()
    if imap.select("Sent", readonly=True)[0] == "OK":
        data = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
        for part in data or []:
            if isinstance(part, tuple):
                counts[part[1].decode().split(":", 1)[1].strip().strip("<>")] += 1
    imap.logout()
    return counts


def judge(acked, items, deliveries):
    """Prints the counts; whether all is as promised."""
    states = {item["message_id"]: item["state"] for item in items}
    lost = [m for m in acked.values() if not deliveries.counts[m] and m not in states]
    silent = [m for m in acked.values()
              if not deliveries.counts[m] and states.get(m) in ("filed", "sent", "cancelled")]
    doubled = [m for m, count in deliveries.counts.items() if count > 1]
    filed = copies()
    unfiled = [m for m, state in states.items() if state == "filed" and filed[m] != 1]
    counts = collections.Counter(states.values())
    print(f"taken in {len(acked)}, delivered {len(deliveries.counts)}, connections dropped after "
          f"taking {deliveries.dropped}")
    print("outbox: " + ", ".join(f"{state} {count}" for state, count in sorted(counts.items())))
    print(f"taken in and lost: {len(lost)}; said to be sent and not: {len(silent)}; delivered "
          f"twice: {len(doubled)}; filed without exactly one copy in Sent: {len(unfiled)}")
    for name, group in (("lost", lost), ("silent", silent), ("twice", doubled),
                        ("copies", unfiled)):
        for message in group[:5]:
            print(f"  {name}: {message} {states.get(message)} copies {filed[message]}")
    return not (lost or silent or doubled or unfiled)


def kills():
    server = SubmissionServer(drops=True)
    configure(server.server_address[1])
    broker = Broker()
    broker.start()
    acked, numbers = {}, iter(range(MESSAGES))
    lock = threading.Lock()

    def client():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            send(number, acked)

    began = time.monotonic()
    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    chance = random.Random(SEED + 1)
    while broker.kills < KILLS:
        time.sleep(chance.uniform(0.02, 0.6))
        broker.kill()
        broker.start()
    for thread in clients:
        thread.join()
    print(f"seed {SEED}: {MESSAGES} messages, {broker.kills} kills in "
          f"{time.monotonic() - began:.0f} s")
    items = settle(broker)
    good = judge(acked, items, server.deliveries) and len(acked) == MESSAGES
    broker.process.send_signal(signal.SIGTERM)
    broker.process.wait()
    return good


FAULTS = [
    ("killed at", "signal=SIGKILL", ("pwrite64", "fdatasync", "write", "pread64", "epoll_wait",
                                      "connect", "unlink", "ftruncate")),
    ("disk full at", "error=ENOSPC", ("pwrite64",)),
    ("no sync at", "error=EIO", ("fdatasync", "fsync")),
]
FAULT_NUMBERS_MAX = 200
TRACER_SECONDS_MAX = 5


def wait_until_live():
    for _ in range(ATTEMPTS_MAX):
        status, answer = mb("status")
        if status == 0 and answer["accounts"][0]["state"] == "live":
            return
        time.sleep(0.05)
    sys.exit("crashtest: the broker does not log in")


def fault(broker, call, what, number, message, acked):
    """Sends a message with one fault; whether the call came as often as that."""
    broker.ensure()
    wait_until_live()
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", str(WORK / "strace"), "-e", f"trace={call}",
         "-e", f"inject={call}:{what}:when={number}", "-p", str(broker.process.pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    status = pathlib.Path(f"/proc/{broker.process.pid}/status")
    while broker.process.poll() is None and tracer.poll() is None \
            and "TracerPid:\t0" in status.read_text():
        time.sleep(0.01)
    status, answer = mb("send", "--wait", "--key", f"fault-{message}", "-t", "bob@test.com",
                        "-s", f"fault {message}", "--body", "Hello.")
    if "item" in answer:
        acked[message] = answer["item"]["message_id"]
    elif status == 0:
        sys.exit("crashtest: no item in the answer")
    if broker.process.poll() is None:
        tracer.send_signal(signal.SIGINT)
    try:
        tracer.wait(TRACER_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        # It waits for good now and then for a thread of the broker that it has killed.
        tracer.kill()
        tracer.wait()
    trace = (WORK / "strace").read_text(errors="replace")
    hit = "INJECTED" in trace or "killed by SIGKILL" in trace
    # The client does what it is told: the same again, under the same key.
    broker.ensure()
    if message not in acked:
        send_again(message, acked)
    return hit


def send_again(message, acked):
    for _ in range(ATTEMPTS_MAX):
        status, answer = mb("send", "--key", f"fault-{message}", "-t", "bob@test.com",
                            "-s", f"fault {message}", "--body", "Hello.")
        if status == 0:
            acked[message] = answer["item"]["message_id"]
            return
        time.sleep(0.05)


def faults():
    server = SubmissionServer(drops=False)
    configure(server.server_address[1])
    broker = Broker()
    acked, message = {}, 0
    for words, what, calls in FAULTS:
        for call in calls:
            hits = 0
            for number in range(1, FAULT_NUMBERS_MAX):
                message += 1
                if not fault(broker, call, what, number, message, acked):
                    break
                hits += 1
            print(f"{words} {call}: {hits} places", flush=True)
    items = settle(broker)
    good = judge(acked, items, server.deliveries) and len(acked) == message
    print(f"{message} messages")
    broker.process.send_signal(signal.SIGTERM)
    broker.process.wait()
    return good


sys.exit(0 if (kills() if MODE == "kills" else faults()) else 1)
