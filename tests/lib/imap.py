"""tests/lib/imap.py -- the smallest IMAP client that tests of faults and load need."""
import re
import socket
import zlib


PATIENCE_SECONDS = 30  # for what comes at once, unless the machine has much else to do


class Gone(Exception):
    """The connection ended, or nothing came in time."""


class Client:
    def __init__(self, host, port, user, password, seconds=PATIENCE_SECONDS, tls=None):
        """tls: an ssl.SSLContext for a port that speaks it from the first octet."""
        self.number, self.input = 0, b""
        self.deflate = self.inflate = None
        self.wire_octets = 0  # received
        try:
            self.sock = socket.create_connection((host, port), seconds)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                self.sock = tls.wrap_socket(self.sock)
            self.reply()
        except OSError as e:
            raise Gone(str(e)) from None
        status, text, _ = self.command(f"LOGIN {user} {password}")
        if status != "OK":
            self.close()
            raise Gone(f"login: {status} {text}")

    def close(self):
        self.sock.close()

    def fill(self):
        try:
            got = self.sock.recv(262144)
        except OSError as e:
            raise Gone(str(e)) from None
        if not got:
            raise Gone("closed")
        self.wire_octets += len(got)
        self.input += got if self.inflate is None else self.inflate.decompress(got)

    def compress(self):
        status, text, _ = self.command("COMPRESS DEFLATE")
        if status != "OK":
            raise Gone(f"COMPRESS: {status} {text}")
        self.deflate, self.inflate = zlib.compressobj(6, zlib.DEFLATED, -15), zlib.decompressobj(-15)

    def line(self):
        while (end := self.input.find(b"\r\n")) < 0:
            self.fill()
        line, self.input = self.input[:end], self.input[end + 2 :]
        return line

    def reply(self):
        """One reply as octets, its literals inline."""
        reply = self.line()
        while literal := re.search(rb"\{(\d+)\}$", reply):
            size = int(literal[1])
            while len(self.input) < size:
                self.fill()
            reply += b"\r\n" + self.input[:size]
            self.input = self.input[size:]
            reply += self.line()
        return reply

    def send(self, octets):
        if self.deflate is not None:
            octets = self.deflate.compress(octets) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        try:
            self.sock.sendall(octets)
        except OSError as e:
            raise Gone(str(e)) from None

    def command(self, text, literal=None):
        """(status, text behind it, untagged replies). A literal goes behind the text."""
        self.number += 1
        tag = b"k%d" % self.number
        if literal is None:
            self.send(tag + b" " + text.encode() + b"\r\n")
        else:
            self.send(tag + b" %s {%d}\r\n" % (text.encode(), len(literal)))
        untagged = []
        while True:
            reply = self.reply()
            if reply.startswith(b"+") and literal is not None:
                self.send(literal + b"\r\n")
            elif reply.startswith(tag + b" "):
                _, status, rest = (reply + b" ").split(b" ", 2)
                return status.decode(), rest.decode(errors="replace"), untagged
            elif reply.startswith(b"* BYE"):
                raise Gone(reply.decode(errors="replace"))
            else:
                untagged.append(reply)
