#!/usr/bin/python3
"""Talks to a sandbox as a client would; one subcommand per fact. Used by contrib/dev/check-sandbox.

Takes ports and the CA from the variables of `contrib/sandbox env`. Exit 0 when the fact holds,
else 1 with a reason on standard error. Standard library only, certificates always verified.
"""
import base64
import imaplib
import os
import smtplib
import socket
import ssl
import sys
import time

HOST = "localhost"
WAIT_SECONDS = 30
# imaplib refuses longer lines; a large message comes in one literal.
imaplib._MAXLINE = 1_000_000


def port(name):
    return int(os.environ["SANDBOX_" + name + "_PORT"])


def context():
    return ssl.create_default_context(cafile=os.environ["SANDBOX_CA"])


def connect_imap(how):
    if how == "tls":
        return imaplib.IMAP4_SSL(HOST, port("IMAPS"), ssl_context=context(), timeout=60)
    imap = imaplib.IMAP4(HOST, port("IMAP"), timeout=60)
    imap.starttls(context())
    return imap


def login_imap(how, user, password):
    imap = connect_imap(how)
    # A password may hold UTF-8, which imaplib sends only when told so.
    imap._encoding = "utf-8"
    imap.login(user, password)
    return imap


def connect_smtp(how):
    if how == "tls":
        smtp = smtplib.SMTP_SSL(HOST, port("SUBMISSIONS"), context=context(), timeout=120)
    else:
        smtp = smtplib.SMTP(HOST, port("SUBMISSION"), timeout=120)
        smtp.starttls(context=context())
    smtp.ehlo()
    return smtp


def login_smtp(how, user, password):
    smtp = connect_smtp(how)
    response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    code, reply = smtp.docmd("AUTH", "PLAIN " + response)
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, reply)
    return smtp


def smtp_auth_login(user, password):
    """AUTH LOGIN, the old mechanism of two prompts."""
    smtp = connect_smtp("tls")
    expect(smtp.docmd("AUTH", "LOGIN")[0] == 334, "no first prompt")
    expect(smtp.docmd(base64.b64encode(user.encode()).decode())[0] == 334, "no second prompt")
    code, reply = smtp.docmd(base64.b64encode(password.encode()).decode())
    expect(code == 235, f"{code} {reply}")
    smtp.quit()


def expect(condition, text):
    if not condition:
        sys.exit("probe: " + text)


def imap_login(how, user, password):
    imap = login_imap(how, user, password)
    expect(imap.select("INBOX")[0] == "OK", "no INBOX")
    imap.logout()


def imap_refused(how, user, password):
    try:
        login_imap(how, user, password)
    except imaplib.IMAP4.error as error:
        expect("AUTHENTICATIONFAILED" in str(error), f"refused otherwise: {error}")
        return
    sys.exit("probe: logged in")


def special_use(user, password):
    imap = login_imap("tls", user, password)
    listing = b"\n".join(imap.list('""', '"*"')[1])
    for name in (b"Sent", b"Trash", b"Drafts", b"Junk", b"Archive"):
        lines = [line for line in listing.split(b"\n") if line.endswith(b" " + name)]
        expect(len(lines) == 1 and b"\\" + name in lines[0].split(b")")[0], f"{name}: {listing}")
    imap.logout()


def smtp_login(how, user, password):
    login_smtp(how, user, password).quit()


def smtp_refused(how, user, password):
    try:
        login_smtp(how, user, password)
    except smtplib.SMTPAuthenticationError as error:
        expect(error.smtp_code == 535, f"refused otherwise: {error}")
        return
    sys.exit("probe: logged in")


def smtp_offers():
    clear = smtplib.SMTP(HOST, port("SUBMISSION"), timeout=60)
    clear.ehlo()
    expect(not clear.has_extn("auth"), "AUTH is offered without TLS")
    clear.quit()
    smtp = connect_smtp("starttls")
    for name in ("auth", "smtputf8", "chunking", "pipelining", "dsn", "8bitmime", "size"):
        expect(smtp.has_extn(name), f"{name} is not offered")
    expect(int(smtp.esmtp_features["size"]) >= 300_000_000, "SIZE is too small")
    smtp.quit()


def rcpt_refused(user, password, recipient, text):
    smtp = login_smtp("tls", user, password)
    smtp.mail(user)
    code, reply = smtp.rcpt(recipient)
    smtp.quit()
    expect(code == 550 and text.encode() in reply, f"{code} {reply}")


def mail_needs_auth():
    smtp = connect_smtp("tls")
    code, reply = smtp.mail("alice@" + os.environ["SANDBOX_DOMAIN"])
    smtp.quit()
    expect(code == 530, f"{code} {reply}")


def wait_for(imap, subject):
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        imap.select("INBOX")
        found = imap.search(None, "HEADER", "SUBJECT", '"' + subject + '"')[1][0].split()
        if found:
            return found
        time.sleep(0.02)
    sys.exit(f"probe: {subject} did not arrive")


def send(how, user, password, recipient, recipient_password, subject, size="0"):
    """A message of at least `size` octets goes out by SMTP and is the same by IMAP."""
    domain = os.environ["SANDBOX_DOMAIN"]
    line = b"0123456789abcdef" * 4 + b"\r\n"
    body = line * (int(size) // len(line) + 1) + b".dots\r\n..\r\n"
    head = f"From: {user}@{domain}\r\nTo: {recipient}@{domain}\r\nSubject: {subject}\r\n\r\n"
    smtp = login_smtp(how, user, password)
    smtp.sendmail(f"{user}@{domain}", [f"{recipient}@{domain}"], head.encode() + body)
    smtp.quit()
    imap = login_imap("tls", recipient.split("+")[0], recipient_password)
    number = wait_for(imap, subject)[0].decode()
    received = imap.fetch(number, "(BODY.PEEK[TEXT])")[1][0][1]
    expect(received == body, f"{len(received)} octets arrived instead of {len(body)}")
    imap.logout()


def send_utf8(user, password):
    """A message with UTF-8 in its header and MAIL ... SMTPUTF8 is taken and delivered."""
    domain = os.environ["SANDBOX_DOMAIN"]
    smtp = login_smtp("tls", user, password)
    subject = f"utf8-{time.time_ns()}"
    head = f"From: Ä <{user}@{domain}>\r\nTo: {user}@{domain}\r\nSubject: {subject} grün\r\n"
    options = ["SMTPUTF8", "BODY=8BITMIME"]
    message = (head + "\r\nü\r\n").encode()
    smtp.sendmail(f"{user}@{domain}", [f"{user}@{domain}"], message, options)
    smtp.quit()
    imap = login_imap("tls", user, password)
    imap.select("INBOX")
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        imap.noop()
        heads = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        if any(isinstance(head, tuple) and subject.encode() in head[1] for head in heads):
            return
        time.sleep(0.05)
    sys.exit("probe: the SMTPUTF8 message did not arrive")


def send_chunks(user, password):
    """BDAT in two chunks, pipelined, and DSN parameters."""
    domain = os.environ["SANDBOX_DOMAIN"]
    subject = f"chunks-{time.time_ns()}"
    smtp = login_smtp("tls", user, password)
    expect(smtp.docmd("MAIL", f"FROM:<{user}@{domain}> RET=HDRS ENVID=e1")[0] == 250, "MAIL")
    expect(smtp.docmd("RCPT", f"TO:<{user}@{domain}> NOTIFY=FAILURE,DELAY")[0] == 250, "RCPT")
    first = f"From: {user}@{domain}\r\nSubject: {subject}\r\n\r\n".encode()
    smtp.send(b"BDAT %d\r\n" % len(first) + first + b"BDAT 6 LAST\r\nhello\n")
    expect(smtp.getreply()[0] == 250, "first chunk")
    expect(smtp.getreply()[0] == 250, "last chunk")
    smtp.quit()
    imap = login_imap("tls", user, password)
    wait_for(imap, subject)
    imap.logout()


def held_session(user, password):
    """One connection carries many commands and messages."""
    domain = os.environ["SANDBOX_DOMAIN"]
    smtp = login_smtp("starttls", user, password)
    for _ in range(200):
        expect(smtp.noop()[0] == 250, "NOOP")
    for number in range(30):
        smtp.sendmail(f"{user}@{domain}", [f"{user}@{domain}"], f"Subject: held {number}\r\n\r\n")
    smtp.quit()
    imap = login_imap("tls", user, password)
    wait_for(imap, "held 29")
    imap.logout()


def idle(user, password):
    """An idling client hears of a new message within two seconds of its acceptance."""
    domain = os.environ["SANDBOX_DOMAIN"]
    imap = login_imap("tls", user, password)
    imap.select("INBOX")
    imap.send(b"x1 IDLE\r\n")
    expect(imap.readline().startswith(b"+"), "no IDLE")
    smtp = login_smtp("tls", user, password)
    smtp.sendmail(f"{user}@{domain}", [f"{user}@{domain}"], "Subject: idle\r\n\r\n")
    start = time.monotonic()
    while b"EXISTS" not in imap.readline():
        pass
    took = time.monotonic() - start
    smtp.quit()
    imap.send(b"DONE\r\n")
    print(f"    told after {took * 1000:.0f} ms")
    expect(took < 2, f"told after {took} s")


def many(user, password, count):
    """So many IMAP connections of one user are open at the same time."""
    held = [login_imap("tls", user, password) for _ in range(int(count))]
    for imap in held:
        expect(imap.noop()[0] == "OK", "NOOP")
    for imap in held:
        imap.logout()


def hold(user, password):
    """Logs in, says so with a line, and exits 0 when the server ends the connection."""
    imap = login_imap("tls", user, password)
    imap.select("INBOX")
    print("ready", flush=True)
    imap.sock.settimeout(WAIT_SECONDS)
    try:
        while imap.readline():
            pass
    except (imaplib.IMAP4.abort, ConnectionError, ssl.SSLError, OSError) as error:
        expect(not isinstance(error, socket.timeout), "still connected")


def certificate(name, port_name):
    """The certificate holds for a name or address that the client verifies."""
    with socket.create_connection(("127.0.0.1", port(port_name)), timeout=30) as raw:
        with context().wrap_socket(raw, server_hostname=name) as tls:
            expect(tls.version() in ("TLSv1.2", "TLSv1.3"), tls.version())


def listen(number):
    """Occupies a port until standard input ends."""
    listener = socket.create_server(("127.0.0.1", int(number)))
    print("ready", flush=True)
    sys.stdin.read()
    listener.close()


FACTS = [imap_login, imap_refused, special_use, smtp_login, smtp_auth_login, smtp_refused,
         smtp_offers, rcpt_refused, mail_needs_auth, send, send_utf8, send_chunks, held_session,
         idle, many, hold, certificate, listen]

if __name__ == "__main__":
    table = {fact.__name__: fact for fact in FACTS}
    if len(sys.argv) < 2 or sys.argv[1] not in table:
        sys.exit("usage: sandbox-probe.py " + " | ".join(table) + " [ARGUMENTS]")
    try:
        table[sys.argv[1]](*sys.argv[2:])
    except (OSError, imaplib.IMAP4.error, smtplib.SMTPException) as error:
        sys.exit(f"probe: {type(error).__name__}: {error}")
