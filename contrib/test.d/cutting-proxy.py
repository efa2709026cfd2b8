#!/usr/bin/python3
"""A wire that can be cut: cutting-proxy.py PORT FILE [LISTEN]

Passes connections to PORT of 127.0.0.1 on, octet by octet, from a port it prints as its first line,
LISTEN where that is given.
Once FILE is there, the first connection that then brings a number of octets from the server, as
many as FILE says, is cut without a word, and FILE is removed: one cut for each FILE. Serves
until it is killed.
"""
import os
import socket
import struct
import sys
import threading

PORT, FILE = int(sys.argv[1]), sys.argv[2]
LISTEN = int(sys.argv[3]) if len(sys.argv) > 3 else 0
RESET = struct.pack("ii", 1, 0)


def copy(source, target, may_cut):
    left = None
    try:
        while octets := source.recv(65536):
            if may_cut:
                if left is None and os.path.exists(FILE):
                    with open(FILE) as file:
                        left = int(file.read())
                if left is not None:
                    target.sendall(octets[:left])
                    left -= len(octets)
                    if left <= 0:
                        os.remove(FILE)
                        for end in (source, target):
                            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                            end.shutdown(socket.SHUT_RDWR)
                        return
                    continue
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client):
    server = socket.create_connection(("127.0.0.1", PORT))
    threading.Thread(target=copy, args=(client, server, False), daemon=True).start()
    copy(server, client, True)
    client.close()
    server.close()


def main():
    listener = socket.create_server(("127.0.0.1", LISTEN))
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    threading.Event().wait()


main()
