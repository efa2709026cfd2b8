"""Measures and prints for contrib/bench sync.

    measure.py WORK PULLS PORT-BASE SIZES RUNS SEED [JSON-FILE]

WORK holds the private mail server (sandbox/) with an account inbox-N for each size N, the file
password that all of them have, the counting client (floor), and is where everything else is put
but what mbsync pulls, which comes into PULLS.
mb and mailbrokerd are found in PATH; the XDG variables name directories of their own. bench-sync
sets all of that up and tells what is measured. Standard library only.
"""
import imaplib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from processes import Process, run_client

ROOT = HERE.parents[2]
WORK = pathlib.Path(sys.argv[1])
PULLS = pathlib.Path(sys.argv[2])
PORT_BASE = int(sys.argv[3])
SIZES = sorted({int(size) for size in sys.argv[4].split(",")})
RUNS = int(sys.argv[5])
SEED = sys.argv[6]
JSON_FILE = sys.argv[7] if len(sys.argv) > 7 else None

# What the broker asks of every message: listFields and listItems of IMAPWorker+Sync.swift.
FIELDS = "DATE FROM TO CC SUBJECT MESSAGE-ID CONTENT-TYPE"
ITEMS = f"(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
FIRST_WINDOW = 200  # CoreLimits.firstWindow
HEADER_WINDOW = 500  # CoreLimits.headerWindow

PASSWORD = (WORK / "password").read_text().strip()
AUTHORITY = WORK / "sandbox/pki/ca.crt"
IMAPS = PORT_BASE + 993
CACHE = pathlib.Path(os.environ["XDG_CACHE_HOME"]) / "mailbroker/cache.db"
SOCKET = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / "mailbroker/broker.sock"
CONFIGURATION = pathlib.Path(os.environ["XDG_CONFIG_HOME"]) / "mailbroker/config.toml"

STALL_SECONDS = 10  # without a new message: the sync has ended or hangs
REST_SECONDS = 5  # after which memory at rest is read
WAIT_SECONDS = 120  # for anything that has to come
PAGING_SECONDS = 600  # for the mailbox page by page
ONCE_ABOVE = 20_000  # mailboxes beyond that: what takes long is measured once
PAGE = 500


def log(text):
    print(f"bench sync: {text}", file=sys.stderr, flush=True)


def fail(text):
    sys.exit(f"bench sync: {text}")


# --- the clients beside ours ----------------------------------------------------------------------

def floor(user, commands):
    """The counting client: [(name, seconds, octets, messages)], CPU seconds, peak MB."""
    output, cpu, _, _ = run_client([WORK / "floor", IMAPS, AUTHORITY, user], [PASSWORD, *commands])
    steps = []
    memory = 0
    for name, *rest in map(str.split, output.splitlines()):
        if name == "memory":
            memory = int(rest[0]) / 1024
        else:
            steps.append((name, float(rest[0]), int(rest[1]), int(rest[2])))
    return steps, cpu, memory


def floor_fetch(user, ranges, expected):
    """SELECT and FETCH; seconds, octets, seconds of login with TLS, CPU, peak."""
    commands = ["SELECT INBOX"] + [f"FETCH {span} {ITEMS}" for span in ranges]
    steps, cpu, memory = floor(user, commands)
    work = [step for step in steps if step[0] in ("SELECT", "FETCH")]
    if (messages := sum(step[3] for step in work)) != expected:
        fail(f"the server gave {messages} messages of {user}, not {expected}")
    return {"seconds": sum(step[1] for step in work), "octets": sum(step[2] for step in work),
            "login": steps[0][1] + steps[1][1], "cpu": cpu, "peak": memory}


def windows(size):
    """The ranges of one window after the other, the newest first."""
    return [f"{max(1, last - HEADER_WINDOW + 1)}:{last}"
            for last in range(size, 0, -HEADER_WINDOW)]


def floor_resync(user, point):
    """Seconds of `SELECT (QRESYNC ...)` alone, on a connection that is logged in."""
    steps, _, _ = floor(user, ["ENABLE QRESYNC", "SELECT INBOX (QRESYNC (%d %d))" % point])
    return next(step[1] for step in steps if step[0] == "SELECT")


def python_fetch(user, size):
    command = [sys.executable, HERE / "fetch-imaplib.py", IMAPS, AUTHORITY, user, ITEMS]
    output, cpu, _, _ = run_client(command, [PASSWORD])
    answer = json.loads(output)
    if answer["messages"] != size:
        fail(f"imaplib read {answer['messages']} messages of {user}, not {size}")
    return {"seconds": answer["seconds"], "cpu": cpu, "peak": answer["memory"] / 1024}


def mbsync(user, size):
    """A first pull and one with nothing to do."""
    mail = PULLS / "mail"
    mail.mkdir()
    configuration = WORK / "mbsyncrc"
    configuration.write_text(f"""FSync no

IMAPAccount bench
Host localhost
Port {IMAPS}
User {user}
PassCmd "cat {WORK}/password"
SSLType IMAPS
SystemCertificates no
CertificateFile {AUTHORITY}

IMAPStore far
Account bench

MaildirStore near
Path {mail}/
Inbox {mail}/INBOX
MaxSize 1

Channel bench
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync PullNew
SyncState *
""")
    command = ["mbsync", "-q", "-c", configuration, "bench"]
    _, cpu, peak, seconds = run_client(command, [])
    settle()  # it waits itself for a Maildir that has changed in this second
    _, _, _, again = run_client(command, [])
    with os.scandir(mail / "INBOX/new") as new, os.scandir(mail / "INBOX/cur") as cur:
        pulled = sum(1 for folder in (new, cur) for _ in folder)
    if pulled != size:
        fail(f"mbsync pulled {pulled} messages of {user}, not {size}")
    shutil.rmtree(mail)
    return {"seconds": seconds, "cpu": cpu, "peak": peak, "again": again}


# --- the broker -----------------------------------------------------------------------------------

class Broker:
    """A broker with one account, started now; by_command: it logs in by itself."""

    def __init__(self, user, by_command):
        self.user = user
        self.account = user.partition("@")[0]
        self.configure(by_command)
        self.start = time.monotonic()
        with open(WORK / "broker.log", "ab") as output:
            self.child = subprocess.Popen(["mailbrokerd", "--foreground"], stderr=output,
                                          stdin=subprocess.DEVNULL, stdout=output)
        self.process = Process(self.child.pid)
        self.lines = None
        try:
            self.connect()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def configure(self, by_command):
        lines = [f'[account.{self.account}]', f'address = "{self.user}"',
                 f'imap = {{ host = "localhost", port = {IMAPS}, tls = "implicit" }}',
                 f'smtp = {{ host = "localhost", port = {PORT_BASE + 465}, tls = "implicit" }}',
                 f'ca_file = "{AUTHORITY}"']
        if by_command:
            lines.append(f'password_command = ["cat", "{WORK}/password"]')
        CONFIGURATION.parent.mkdir(mode=0o700, exist_ok=True)
        CONFIGURATION.write_text("\n".join(lines) + "\n")
        CONFIGURATION.chmod(0o600)

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(WAIT_SECONDS)
        while True:
            try:
                connection.connect(str(SOCKET))
                break
            except OSError:
                if self.child.poll() is not None or time.monotonic() - self.start > WAIT_SECONDS:
                    fail(f"the broker did not start: see {WORK}/broker.log")
                time.sleep(0.001)
        self.lines = connection.makefile("rwb")

    def call(self, method, **params):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        self.lines.write(json.dumps(request).encode() + b"\n")
        self.lines.flush()
        answer = json.loads(self.lines.readline())
        if "error" in answer:
            fail(f"{method}: {answer['error']}")
        return answer["result"]

    def wait_for_login(self):
        while self.call("status")["accounts"][0]["state"] != "live":
            self.check_wait()
            time.sleep(0.001)
        return time.monotonic()

    def wait_for_live_list(self):
        """Until the list that `mb inbox` asks for says live."""
        while not self.call("message.list", account=self.account, mailbox="inbox",
                            limit=50)["live"]:
            self.check_wait()
            time.sleep(0.001)
        return time.monotonic()

    def check_wait(self):
        if time.monotonic() - self.start > WAIT_SECONDS:
            fail(f"the account did not come up in {WAIT_SECONDS} s: see {WORK}/broker.log")

    def stop(self):
        if self.lines:
            self.lines.close()
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


def read_cache(query):
    """The one row a query gives; None where the cache is not there yet."""
    try:
        cache = sqlite3.connect(f"file:{CACHE}?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        return None
    try:
        return cache.execute(query).fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        cache.close()


def stored_messages():
    row = read_cache("SELECT count(*) FROM message JOIN mailbox ON mailbox.id = message.mailbox "
                     "WHERE mailbox.role = 'inbox'")
    return row[0] if row else 0


def sync_point():
    row = read_cache("SELECT uidvalidity, highestmodseq, total FROM mailbox WHERE role = 'inbox'")
    return row or (None, None, None)


def empty_cache():
    shutil.rmtree(CACHE.parent, ignore_errors=True)


def wait_until_full(broker, size, since):
    """Until the cache holds the whole mailbox or nothing has come for long.

    Looks seldom enough that looking takes a tenth of one processor at most."""
    seen, last, cpu, peak, rest = -1, time.monotonic(), 0.0, 0.0, None
    while True:
        began = time.monotonic()
        count = stored_messages()
        now = time.monotonic()
        if count != seen:
            seen, last, rest = count, now, None
            cpu, peak = broker.process.cpu(), broker.process.memory("VmHWM")
        if seen >= size or now - last > STALL_SECONDS:
            break
        if now - last > REST_SECONDS and rest is None:
            rest = broker.process.memory("VmRSS")
        time.sleep(max(0.004, 9 * (now - began)))
    return {"seconds": last - since, "cpu": cpu, "peak": peak, "rest": rest, "count": seen}


def first_look(user, size, waits, rests):
    """Login and first screen on an empty cache, and the whole mailbox where that is waited for."""
    empty_cache()
    with Broker(user, by_command=False) as broker:
        broker.process.forget_peak()
        before = broker.process.cpu()
        start = time.monotonic()
        subprocess.run(["mb", "login", user, "--password-stdin"], input=PASSWORD + "\n", text=True,
                       stdout=subprocess.DEVNULL, check=True)
        login = time.monotonic()
        subprocess.run(["mb", "-a", broker.account, "inbox"], stdout=subprocess.DEVNULL, check=True)
        screen = time.monotonic()
        result = {"login": login - start, "screen": screen - login,
                  "screen_cpu": broker.process.cpu() - before}
        if waits:
            full = wait_until_full(broker, size, login)
            full["cpu"] -= before
            if full["rest"] is None and rests:
                time.sleep(REST_SECONDS)
                full["rest"] = broker.process.memory("VmRSS")
            result["full"] = full
    return result


def page_through(user, size):
    """The whole mailbox into an empty cache by asking for one page after the other."""
    empty_cache()
    with Broker(user, by_command=True) as broker:
        broker.process.forget_peak()
        before = broker.process.cpu()
        start = broker.wait_for_login()
        after = None
        count = 0
        while time.monotonic() - start < PAGING_SECONDS:
            params = {"after": after} if after is not None else {}
            page = broker.call("message.list", account=broker.account, mailbox="inbox",
                               limit=PAGE, **params)["messages"]
            count += len(page)
            if not page or count >= size:
                break
            after = page[-1]["id"]
        return {"seconds": time.monotonic() - start, "cpu": broker.process.cpu() - before,
                "peak": broker.process.memory("VmHWM"), "count": stored_messages()}


def resync(user, size, rests):
    """A start with the cache that is there: login, and from then until the list is live."""
    with Broker(user, by_command=True) as broker:
        login = broker.wait_for_login()
        live = broker.wait_for_live_list()
        result = {"login": login - broker.start, "seconds": live - login,
                  "cpu": broker.process.cpu(), "peak": broker.process.memory("VmHWM")}
        if rests:
            time.sleep(REST_SECONDS)
            result["rest"] = broker.process.memory("VmRSS")
    total = sync_point()[2]
    if total != size:
        fail(f"after the resync of {user} the cache says {total} messages, not {size}")
    return result


# --- changes by another client --------------------------------------------------------------------

def checked(answer):
    if answer[0] != "OK":
        fail(f"another client's change: {answer}")
    return answer[1]


def change(user, size, run):
    """Ten changes all over the mailbox: four flags turned, three messages expunged, three new."""
    imap = imaplib.IMAP4_SSL("localhost", IMAPS,
                             ssl_context=ssl.create_default_context(cafile=str(AUTHORITY)))
    imap.login(user, PASSWORD)
    checked(imap.select("INBOX"))
    for place in (size - 10, size - 150, size // 2, size // 10):
        flags = imaplib.ParseFlags(checked(imap.fetch(str(place), "(FLAGS)"))[0])
        sign = "-" if rb"\Flagged" in flags else "+"
        checked(imap.store(str(place), sign + "FLAGS.SILENT", r"(\Flagged)"))
    for place in (size - 20, size - 120, size // 3):
        checked(imap.store(str(place), "+FLAGS.SILENT", r"(\Deleted)"))
    checked(imap.expunge())
    for number in range(3):
        text = (f"From: New Sender <new@example.org>\r\nTo: <{user}>\r\n"
                f"Subject: arrival {number} of run {run}\r\n"
                f"Message-ID: <arrival.{run}.{number}@example.org>\r\n"
                "Date: Mon, 02 Feb 2026 08:00:00 +0000\r\n\r\nText.\r\n")
        checked(imap.append("INBOX", None, None, text.encode()))
    imap.logout()


def settle():
    """Waits until changes of a Maildir are older than the second that its time counts in: before,
    whoever reads it reads it anew each time."""
    time.sleep(2)


# --- one size -------------------------------------------------------------------------------------

def median(samples, key):
    values = [sample[key] for sample in samples if sample.get(key) is not None]
    return statistics.median(values) if values else None


def measure(size):
    """Everything about one mailbox, as a dictionary of lists of samples."""
    user = f"inbox-{size}@test.com"
    found = {name: [] for name in (
        "floor", "floor_first", "floor_windows", "first", "full", "paged", "python", "mbsync",
        "same", "same_floor", "changed", "changed_floor")}
    log(f"{size} messages: the server reads its mailbox")
    found["load"] = [os.getloadavg()[0]]
    found["cold"] = [floor_fetch(user, ["1:*"], size)]
    settle()
    found["warm"] = [floor_fetch(user, ["1:*"], size)]
    is_short = size <= ONCE_ABOVE
    is_full = True
    newest = f"{max(1, size - FIRST_WINDOW + 1)}:{size}"
    for run in range(RUNS):
        log(f"{size} messages: run {run + 1} of {RUNS}")
        found["floor"].append(floor_fetch(user, ["1:*"], size))
        found["floor_first"].append(floor_fetch(user, [newest], min(size, FIRST_WINDOW)))
        found["floor_windows"].append(floor_fetch(user, windows(size), size))
        first = first_look(user, size, waits=is_full, rests=run == 0)
        if "full" in first:
            found["full"].append(first.pop("full"))
            is_full = found["full"][-1]["count"] >= size
        found["first"].append(first)
        if run == 0 or is_short:
            found["python"].append(python_fetch(user, size))
            found["mbsync"].append(mbsync(user, size))
    if not is_full:
        for run in range(RUNS if is_short else 1):
            log(f"{size} messages: page by page, {run + 1}")
            found["paged"].append(page_through(user, size))
    found["cached"] = stored_messages()
    for name in ("same", "changed"):
        for run in range(RUNS):
            log(f"{size} messages: resync, {name}, {run + 1} of {RUNS}")
            if name == "changed":
                change(user, size, run)
                settle()
                floor(user, ["SELECT INBOX"])
            *point, _ = sync_point()
            if None not in point:
                found[name + "_floor"].append({"seconds": floor_resync(user, tuple(point))})
            found[name].append(resync(user, size, rests=run == 0))
    found["load"].append(os.getloadavg()[0])
    return found


# --- the table ------------------------------------------------------------------------------------

def shown_time(seconds):
    if seconds is None:
        return "-"
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def shown_cpu(seconds):
    return "-" if seconds is None else f"{seconds:.3f} s"


def shown_memory(megabytes):
    return "-" if megabytes is None else f"{megabytes:.1f} MB"


def shown_ratio(left, right):
    return "-" if left is None or not right else f"{left / right:.2f} x"


def shown_share(seconds, count):
    return "-" if seconds is None or not count else f"{seconds / count * 1e6:.2f} us"


class Table:
    """Rows by label, a column for each size, and one that compares the two largest."""

    def __init__(self):
        self.rows = []

    def title(self, text):
        self.rows.append((text, None, ""))

    def row(self, label, results, cell, cost=None):
        """cost gives seconds per message, for the last column."""
        growth = ""
        if cost and len(SIZES) > 1:
            small, large = (cost(size, results[size]) for size in SIZES[-2:])
            growth = shown_ratio(large, small)
        self.rows.append((label, [cell(size, results[size]) for size in SIZES], growth))

    def print(self):
        columns = [f"{size} messages" for size in SIZES]
        last = f"{SIZES[-1]}/{SIZES[-2]}" if len(SIZES) > 1 else ""
        wide = max(len(label) for label, cells, _ in self.rows if cells is not None) + 1
        widths = [2 + max(len(column), *(len(cells[place]) for _, cells, _ in self.rows if cells))
                  for place, column in enumerate(columns)]
        for label, cells, growth in [("", columns, last), *self.rows]:
            if cells is None:
                print(f"\n{label}")
                continue
            line = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths))
            print(f"{label:{wide}}{line}{growth:>{max(14, len(last) + 2)}}".rstrip())


def sync_rows(table, results, label, key):
    """One way to read all headers: time, time per message, CPU, memory."""

    # Only what got there has a time worth comparing.
    def complete(size, found):
        samples = [sample for sample in found[key] if sample.get("count", size) >= size]
        return samples if len(samples) == len(found[key]) else []

    def time_cell(size, found):
        if not found[key]:
            return "-"
        if complete(size, found):
            return shown_time(median(found[key], "seconds"))
        return f"not reached: {found[key][-1]['count']} of {size}"

    def value(size, found, name):
        return median(complete(size, found), name)

    def cost(size, found):
        seconds = value(size, found, "seconds")
        return None if seconds is None else seconds / size

    table.row(label, results, time_cell)
    table.row("  per message", results,
              lambda size, found: shown_share(value(size, found, "seconds"), size), cost)
    if key != "floor":
        table.row("  to the floor", results, lambda size, found: shown_ratio(
            value(size, found, "seconds"), median(found["floor"], "seconds")))
    table.row("  CPU seconds", results,
              lambda _, found: shown_cpu(median(found[key], "cpu")),
              lambda size, found: (value(size, found, "cpu") or 0) / size)
    table.row("  peak memory", results, lambda _, found: shown_memory(median(found[key], "peak")))
    if key == "full":
        table.row("  memory 5 s after", results,
                  lambda _, found: shown_memory(median(found[key], "rest")))


def resync_rows(table, results, title, key):
    table.row(title, results, lambda _, found: shown_time(median(found[key], "seconds")))
    table.row("  floor: SELECT (QRESYNC) alone", results,
              lambda _, found: shown_time(median(found[key + "_floor"], "seconds")))
    table.row("  to the floor", results, lambda _, found: shown_ratio(
        median(found[key], "seconds"), median(found[key + "_floor"], "seconds")))
    table.row("  CPU of the broker since its start", results,
              lambda _, found: shown_cpu(median(found[key], "cpu")))
    table.row("  peak memory", results, lambda _, found: shown_memory(median(found[key], "peak")))
    table.row("  memory 5 s after", results,
              lambda _, found: shown_memory(median(found[key], "rest")))


def report(results):
    table = Table()
    table.row("load of the machine, before and after", results,
              lambda _, found: "%.2f, %.2f" % tuple(found["load"]))
    table.title("1. The first screen, cache empty")
    table.row("mb login (IMAP and SMTP)", results,
              lambda _, found: shown_time(median(found["first"], "login")))
    table.row("  floor: TCP, TLS, LOGIN on IMAP alone", results,
              lambda _, found: shown_time(median(found["floor"], "login")))
    table.row("mb inbox right after the login", results,
              lambda _, found: shown_time(median(found["first"], "screen")))
    table.row(f"  floor: SELECT, FETCH of the newest {FIRST_WINDOW}", results,
              lambda _, found: shown_time(median(found["floor_first"], "seconds")))
    table.row("  to the floor", results, lambda _, found: shown_ratio(
        median(found["first"], "screen"), median(found["floor_first"], "seconds")))
    table.row("  CPU of the broker for both", results,
              lambda _, found: shown_cpu(median(found["first"], "screen_cpu")))
    table.title("2. All headers, from the login on")
    table.row("octets the server sends", results,
              lambda _, found: f"{median(found['floor'], 'octets') / 1e6:.2f} MB")
    for label, key in (("floor: SELECT, FETCH 1:*, octets counted", "floor"),
                       (f"floor, {HEADER_WINDOW} a command, none ahead", "floor_windows"),
                       ("broker, by itself in the background", "full"),
                       (f"broker, asked for pages of {PAGE}", "paged"),
                       ("imaplib and email.parser", "python"),
                       ("mbsync, whole headers into a Maildir", "mbsync")):
        if any(found[key] for found in results.values()):
            sync_rows(table, results, label, key)
    table.title("3. Resync, from the login until the list is live")
    table.row("messages in the cache", results, lambda _, found: str(found["cached"]))
    table.row("broker start to login (IMAP and SMTP)", results,
              lambda _, found: shown_time(median(found["same"], "login")))
    resync_rows(table, results, "nothing changed", "same")
    table.row("  mbsync, all of it with login", results,
              lambda _, found: shown_time(median(found["mbsync"], "again")))
    resync_rows(table, results, "10 changes by another client", "changed")
    table.print()


# --- the machine ----------------------------------------------------------------------------------

def first_line(*command):
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    return (outcome.stdout or outcome.stderr).partition("\n")[0].strip() or "unknown"


def file_system(path):
    return first_line("findmnt", "-no", "FSTYPE", "-T", str(path))


def print_machine():
    processor = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    print("load        %.2f %.2f %.2f" % os.getloadavg(), "before the first measurement")
    print(f"machine     {os.cpu_count()} x {processor[1] if processor else os.uname().machine},"
          f" {int(memory[1]) / 1048576:.1f} GB, Linux {os.uname().release}")
    print(f"files       server and cache on {file_system(WORK)}, what mbsync pulls on"
          f" {file_system(PULLS)}")
    print(f"ours        {first_line('git', '-C', str(ROOT), 'describe', '--always', '--dirty')},"
          f" {first_line('mailbrokerd', '--version')},"
          f" {os.environ.get('MAILBROKER_BIN', 'built now')}")
    print(f"server      Dovecot {first_line('/usr/sbin/dovecot', '--version')}, Maildir, TLS on"
          " loopback")
    print(f"beside      {first_line('mbsync', '--version')}, Python {sys.version.split()[0]},"
          f" {ssl.OPENSSL_VERSION}")
    print(f"runs        median of {RUNS}; of mailboxes beyond {ONCE_ABOVE} one run of imaplib,"
          f" mbsync and pages; seed {SEED}")
    source = ROOT / "Sources/BrokerCore/Account/IMAPWorker+Sync.swift"
    found = re.search(r"listFields = \[(.*?)\]", source.read_text(), re.DOTALL)
    asked = re.findall(r'"([^"]*)"', found[1]) if found else []
    if asked != FIELDS.split():
        print(f"NOTE        the broker asks for {' '.join(asked) or 'fields not found'},"
              " the others for less or more: mend FIELDS in measure.py")


def seed(size):
    log(f"{size} messages: writing them")
    home = WORK / f"sandbox/home/inbox-{size}"
    subprocess.run([sys.executable, HERE / "seed-mailbox.py", home, str(size), SEED],
                   stdout=subprocess.DEVNULL, check=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print_machine()
    results = {}
    for size in SIZES:
        seed(size)
        results[size] = measure(size)
    print("load        %.2f %.2f %.2f" % os.getloadavg(), "after the last\n")
    report(results)
    if JSON_FILE:
        pathlib.Path(JSON_FILE).write_text(json.dumps(results, indent=1) + "\n")


main()
