#!/usr/bin/python3
"""A mail server that records what a client tells it, for tests of what a client must not tell.

    recording-server.py imap|smtp implicit|starttls CERTIFICATE KEY LOG [inject|strip]

Listens on a port of 127.0.0.1 that it prints as its first line, and writes every octet it gets, as
it was before or after decryption, to LOG, with a line "-- connection" for each connection and
"-- tls" where TLS begins. Offers AUTH PLAIN and LOGIN and refuses every login.

  inject   sends an answer in the clear, in the same segment as the go-ahead for STARTTLS
  strip    offers no STARTTLS and, in its place, logins in the clear

Serves until it is killed. Standard library only.
"""
import socket
import ssl
import sys
import threading

PROTOCOL, MODE, CERTIFICATE, KEY, LOG = sys.argv[1:6]
TRICK = sys.argv[6] if len(sys.argv) > 6 else ""
lock = threading.Lock()


def record(octets):
    with lock, open(LOG, "ab") as file:
        file.write(octets)


class Connection:
    def __init__(self, plain):
        plain.settimeout(60)
        self.socket = plain
        self.is_secure = False
        self.buffer = b""

    def secure(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, KEY)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.is_secure = True
        record(b"-- tls\n")

    def line(self):
        while b"\n" not in self.buffer:
            octets = self.socket.recv(4096)
            if not octets:
                return None
            record(octets)
            self.buffer += octets
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.strip()

    def say(self, text):
        self.socket.sendall(text.encode())


def imap(connection):
    connection.say("* OK [CAPABILITY " + imap_capabilities(connection) + "] ready\r\n")
    while (line := connection.line()) is not None:
        tag, _, command = line.decode("latin-1").partition(" ")
        verb = command.split(" ")[0].upper()
        if verb == "CAPABILITY":
            connection.say(f"* CAPABILITY {imap_capabilities(connection)}\r\n{tag} OK done\r\n")
        elif verb == "STARTTLS" and TRICK != "strip":
            extra = "* CAPABILITY IMAP4rev1 AUTH=PLAIN INJECTED\r\n" if TRICK == "inject" else ""
            connection.say(f"{tag} OK begin\r\n{extra}")
            connection.secure()
        elif verb == "AUTHENTICATE" and len(command.split(" ")) == 2:
            connection.say("+ \r\n")
            connection.line()
            connection.say(f"{tag} NO [AUTHENTICATIONFAILED] recorded\r\n")
        elif verb in ("AUTHENTICATE", "LOGIN"):
            connection.say(f"{tag} NO [AUTHENTICATIONFAILED] recorded\r\n")
        elif verb == "LOGOUT":
            connection.say(f"* BYE\r\n{tag} OK done\r\n")
            return
        else:
            connection.say(f"{tag} OK done\r\n")


def imap_capabilities(connection):
    if connection.is_secure or TRICK == "strip":
        return "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN ID"
    return "IMAP4rev1 STARTTLS LOGINDISABLED"


def smtp(connection):
    connection.say("220 localhost ESMTP\r\n")
    while (line := connection.line()) is not None:
        verb = line.decode("latin-1").split(" ")[0].upper()
        if verb == "EHLO":
            offer = "AUTH PLAIN LOGIN"
            if not connection.is_secure and TRICK != "strip":
                offer = "STARTTLS"
            connection.say(f"250-localhost\r\n250-8BITMIME\r\n250 {offer}\r\n")
        elif verb == "STARTTLS" and TRICK != "strip":
            connection.say("220 begin\r\n" + ("250 injected\r\n" if TRICK == "inject" else ""))
            connection.secure()
        elif verb == "AUTH":
            if len(line.split(b" ")) == 2:
                connection.say("334 \r\n")
                connection.line()
            connection.say("535 5.7.8 recorded\r\n")
        elif verb == "QUIT":
            connection.say("221 bye\r\n")
            return
        else:
            connection.say("250 done\r\n")


def serve(plain):
    record(b"-- connection\n")
    connection = Connection(plain)
    try:
        if MODE == "implicit":
            connection.secure()
        {"imap": imap, "smtp": smtp}[PROTOCOL](connection)
    except OSError as error:
        record(f"-- {error}\n".encode())
    finally:
        connection.socket.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    threading.Event().wait()


main()
