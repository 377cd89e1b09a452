"""tests/talk/wire.py -- one connection: sends octets, reads whole server replies.

A reply is one string, its literals inline: `* 1 FETCH (BODY[] {3}\\r\\nabc)`. Strings hold
octets (latin-1), so nothing is lost or guessed.
"""
import re
import select
import socket
import ssl
import time
import zlib

LITERAL_AT_END = re.compile(r"\{(\d+)\}$")


class TalkError(Exception):
    """The conversation did not go as written."""


class Closed(Exception):
    """The server closed the connection."""


class Connection:
    def __init__(self, name, host, port, tls, transcript):
        self.name, self.transcript = name, transcript
        self.utf8 = False  # octets above 0x7f are legal outside literals
        self.held = ""  # lines to be sent in the same write as the next one
        self.joined = b""  # octets to be sent in front of the next, compressed already
        self.input = b""
        self.deflate = self.inflate = None  # COMPRESS is active
        self.wire_octets = 0  # received, before anything is expanded
        self.sock = socket.create_connection((host, port), 10)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.start_tls()

    def start_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.sock.settimeout(10)
        self.sock = context.wrap_socket(self.sock)

    def compress(self):
        """From here on both directions are compressed (RFC 4978)."""
        self.deflate, self.inflate = zlib.compressobj(6, zlib.DEFLATED, -15), zlib.decompressobj(-15)
        self.input, early = b"", self.input
        self.take(early)

    def uncompress(self):
        """From here on neither is; the server has ended its stream."""
        if not self.inflate.eof:
            raise TalkError("the server's compressed stream has not ended")
        self.deflate = self.inflate = None

    def take(self, octets):
        self.wire_octets += len(octets)
        if self.inflate is not None:
            try:
                octets = self.inflate.decompress(octets)
            except zlib.error as why:
                raise TalkError(f"not a deflate stream: {why}") from None
            octets += self.inflate.unused_data
        self.input += octets

    def note(self, who, text):
        shown = text if len(text) <= 600 else f"{text[:600]}... ({len(text)} octets)"
        shown = shown.rstrip("\r\n").encode("unicode_escape").decode().replace("\\\\", "\\")
        self.transcript.append(f"{self.name} {who}: {shown}")

    def send(self, text, join=False):
        text, self.held = self.held + text, ""
        for line in text.splitlines(keepends=True)[:40]:
            self.note("C", line)
        octets = text.encode("latin-1")
        if self.deflate is not None:
            octets = self.deflate.compress(octets) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        if join:
            self.joined += octets
        else:
            self.send_octets(octets)

    def send_octets(self, octets):
        octets, self.joined = self.joined + octets, b""
        self.sock.settimeout(20)
        try:
            self.sock.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass  # what the server said before it hung up is still to be read

    def fill(self, deadline):
        """Reads once; raises TimeoutError past the deadline, Closed at the end."""
        pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
        left = max(0.0, deadline - time.monotonic())
        if not pending and not select.select([self.sock], [], [], left)[0]:
            raise TimeoutError
        self.sock.settimeout(max(0.05, left))
        try:
            got = self.sock.recv(262144)
        except ConnectionResetError:
            got = b""
        except ssl.SSLWantReadError:
            return
        if not got:
            raise Closed
        self.take(got)

    def read_line(self, deadline):
        while True:
            end = self.input.find(b"\n")
            if end >= 0:
                break
            self.fill(deadline)
        line, self.input = self.input[: end + 1], self.input[end + 1 :]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            raise TalkError(f"a reply line with a bare CR, LF or a NUL: {line!r}")
        text = line[:-2].decode("latin-1")
        if not self.utf8 and any(c > "\x7f" for c in text):
            raise TalkError(f"octets above 0x7F outside a literal: {line!r}")
        return text

    def read_reply(self, seconds):
        deadline = time.monotonic() + seconds
        reply = self.read_line(deadline)
        while (literal := LITERAL_AT_END.search(reply)) is not None and not reply.startswith("+"):
            size = int(literal[1])
            while len(self.input) < size:
                self.fill(deadline)
            body, self.input = self.input[:size], self.input[size:]
            reply += "\r\n" + body.decode("latin-1") + self.read_line(deadline)
        self.note("S", reply)
        return reply

    def waiting(self, seconds):
        """Whatever arrives within the time, or None."""
        try:
            return self.read_reply(seconds)
        except TimeoutError:
            return None

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass
