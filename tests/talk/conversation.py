"""tests/talk/conversation.py -- reads one .talk file and holds the conversation it describes.

README.md is the language's reference; each directive is one method named do_WORD below.
"""
import base64
import re
import time

from match import Matcher
from wire import Closed, Connection, TalkError

HEADER = re.compile(r"#\s*(revs|skip-on|seconds|settings):\s*(.*)$")
CONDITION = re.compile(r"\[(rev[12])\]\s*")
CONNECTION = re.compile(r"([A-Z])\s+(?=\S)")
CAPABILITY = "IMAP4rev2"


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


class Line:
    def __init__(self, number, rev, connection, word, rest):
        self.number, self.rev, self.connection = number, rev, connection
        self.word, self.rest = word, rest


class Script:
    """What a file says, before anybody talks."""

    def __init__(self, path):
        self.path, self.revs, self.skip_on, self.seconds, self.lines = path, ["rev1", "rev2"], {}, 5, []
        self.settings = ""  # lines of the server's configuration
        for number, raw in enumerate(path.read_bytes().decode("latin-1").split("\n"), 1):
            self.read(number, raw.rstrip("\r"))
        if not self.lines:
            raise TalkError(f"{path}: says nothing")

    def read(self, number, text):
        if text.startswith("#"):
            header = HEADER.match(text)
            if header:
                self.header(header[1], header[2].strip())
            return
        if not text.strip():
            return
        rev = connection = None
        if found := CONDITION.match(text):
            rev, text = found[1], text[found.end() :]
        if found := CONNECTION.match(text):
            connection, text = found[1], text[found.end() :]
        # a colon ends a word that takes a line as it is; a space ends one that takes words
        word, mark, rest = re.match(r"(\S+?)(: ?|:$| +|$)(.*)$", text).groups()
        if mark.startswith(":"):
            word += ":"
        self.lines.append(Line(number, rev, connection or "A", word, rest))

    def header(self, key, value):
        if key == "revs":
            self.revs = value.split()
        elif key == "skip-on":
            kind, _, why = value.partition(" ")
            if not why:
                raise TalkError(f"{self.path}: skip-on needs a reason")
            self.skip_on[kind] = why
        elif key == "settings":
            self.settings += value + "\n"
        else:
            self.seconds = float(value)


class Peer:
    """One connection of a conversation and what is expected of it."""

    def __init__(self, connection):
        self.connection = connection
        self.group = []  # U: lines not yet matched: (pattern, optional)
        self.allowed, self.never = [], []
        self.tags = 0


class Conversation:
    def __init__(self, script, rev, server, account, samples):
        self.script, self.rev, self.server = script, rev, server
        self.account = account  # a function: number to (user, password)
        self.matcher = Matcher({})
        self.matcher.samples = samples
        self.transcript, self.peers, self.line = [], {}, None
        self.seconds = script.seconds

    def hold(self):
        """Raises TalkError (or Closed, TimeoutError) where it goes wrong."""
        user, password = self.account(1)
        self.matcher.values.update(
            user=user, password=password, user64=base64_of(user), password64=base64_of(password),
            plain=base64_of(f"\0{user}\0{password}"), wrong64=base64_of(f"\0{user}\0wrong"))
        if any("{{user2}}" in l.rest or "user2" in l.rest.split() for l in self.script.lines):
            self.matcher.values.update(user2=self.account(2)[0], password2=self.account(2)[1])
        try:
            for self.line in self.script.lines:
                if self.line.rev in (None, self.rev):
                    self.step(self.line)
        except StopIteration:
            pass
        else:
            for peer in self.peers.values():
                self.settle(peer)
                self.nothing_left(peer)
        finally:
            for peer in self.peers.values():
                peer.connection.close()

    def step(self, line):
        method = WORDS.get(line.word)
        if method is None:
            raise TalkError(f"not understood: {line.word}")
        if line.word not in ("U:", "U?:"):
            if line.word != "S:" and line.connection in self.peers:
                self.settle(self.peer())
        method(self, line.rest)

    def peer(self):
        if self.line.connection not in self.peers:
            self.do_open("")
        return self.peers[self.line.connection]

    # Reading.

    def fails_never(self, peer, reply):
        for pattern in peer.never:
            if self.matcher.reply(pattern, reply):
                raise TalkError(f"must never come (never: {pattern})\n  got  {reply!r}")

    def read(self, peer, wanted):
        try:
            reply = peer.connection.read_reply(self.seconds)
        except TimeoutError:
            raise TalkError(f"nothing came for {self.seconds:g} s\n  want {wanted}") from None
        except Closed:
            raise TalkError(f"the server closed the connection\n  want {wanted}") from None
        self.fails_never(peer, reply)
        return reply

    def take_from_group(self, peer, reply):
        for i, (pattern, _optional) in enumerate(peer.group):
            if self.matcher.reply(pattern, reply):
                del peer.group[i]
                return True
        return False

    def is_allowed(self, peer, reply):
        return any(self.matcher.reply(pattern, reply) for pattern in peer.allowed)

    def settle(self, peer):
        """Reads until every required line of an unordered group has come."""
        while any(not optional for _pattern, optional in peer.group):
            wanted = " | ".join(p for p, optional in peer.group if not optional)
            reply = self.read(peer, wanted)
            if not self.take_from_group(peer, reply) and not self.is_allowed(peer, reply):
                raise TalkError(f"not expected\n  want {wanted}\n  got  {reply!r}")

    def expect(self, peer, pattern):
        while True:
            reply = self.read(peer, pattern)
            if self.matcher.reply(pattern, reply):
                break
            if not self.take_from_group(peer, reply) and not self.is_allowed(peer, reply):
                raise TalkError(f"not expected\n  want {pattern}\n  got  {reply!r}")
        self.end_group(peer)

    def end_group(self, peer):
        missing = [p for p, optional in peer.group if not optional]
        peer.group = []
        if missing:
            raise TalkError("did not come\n  want " + "\n       ".join(missing))

    def nothing_left(self, peer):
        try:
            while (reply := peer.connection.waiting(0)) is not None:
                self.fails_never(peer, reply)
                if not self.take_from_group(peer, reply) and not self.is_allowed(peer, reply):
                    raise TalkError(f"not expected at the end\n  got  {reply!r}")
        except Closed:
            pass
        peer.group = []

    # What the client sends.

    def send_line(self, text):
        self.peer().connection.send(self.matcher.fill_in(text) + "\r\n")

    def do_send(self, text):
        self.send_line(text)

    def do_hold(self, text):
        self.peer().connection.held += self.matcher.fill_in(text) + "\r\n"

    def do_raw(self, text):
        self.peer().connection.send(text.encode("latin-1").decode("unicode_escape"))

    def do_expect(self, text):
        peer = self.peer()
        if text.strip() == "<closed>":
            return self.expect_closed(peer)
        self.expect(peer, text)

    def expect_closed(self, peer):
        try:
            while True:
                reply = peer.connection.read_reply(self.seconds)
                if not self.is_allowed(peer, reply) and not self.take_from_group(peer, reply):
                    raise TalkError(f"not expected\n  want <closed>\n  got  {reply!r}")
        except Closed:
            self.end_group(peer)
            peer.connection.close()
            del self.peers[self.line.connection]
        except TimeoutError:
            raise TalkError("the server did not close the connection") from None

    def do_group(self, text):
        self.peer().group.append((text, False))

    def do_maybe(self, text):
        self.peer().group.append((text, True))

    def do_allow(self, text):
        self.peer().allowed.append(text)

    def do_never(self, text):
        self.peer().never.append(text)

    def do_join(self, text):
        """Compressed if the others are, but sent with the next C-wire."""
        self.peer().connection.send(self.matcher.fill_in(text) + "\r\n", join=True)

    def do_wire(self, text):
        """Octets that are not compressed, whatever the others are."""
        text = self.matcher.fill_in(text)
        self.peer().connection.note("C", text)
        self.peer().connection.send_octets(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))

    # Whole commands.

    def tag(self, peer):
        peer.tags += 1
        return f"t{self.line.number}.{peer.tags}"

    def command(self, text, strict, want):
        """Sends it with a tag of its own; untagged replies pass unless strict. The tagged line."""
        peer = self.peer()
        tag = self.tag(peer)
        peer.connection.send(tag + " " + self.matcher.fill_in(text) + "\r\n")
        while True:
            reply = self.read(peer, want)
            if reply.startswith(tag + " "):
                break
            if reply.startswith("* BAD") and want == "BAD":
                continue
            if strict and not self.take_from_group(peer, reply) and not self.is_allowed(peer, reply):
                raise TalkError(f"not expected before the end of {text!r}\n  got  {reply!r}")
        peer.group = []
        if not self.matcher.reply(f"{tag} {want} ...", reply) and reply != f"{tag} {want}":
            raise TalkError(f"{text!r}\n  want {want} ...\n  got  {reply!r}")
        return reply

    def do_do(self, text):
        self.command(text, False, "OK")

    def do_ok(self, text):
        self.command(text, True, "OK")

    def do_bad(self, text):
        self.command(text, True, "BAD")

    def do_no(self, text):
        """`no: COMMAND` or `no: [CODE] COMMAND`."""
        code = re.match(r"(\[[^\]]+\]) ", text)
        if code:
            self.command(text[code.end() :], True, "NO " + code[1])
        else:
            self.command(text, True, "NO")

    def do_nobad(self, text):
        """Refused, and nothing says with which word."""
        self.command(text, True, "{{/(?:NO|BAD)/}}")

    # The connection.

    def do_admin(self, rest):
        """admin WORDS: one verb of the command line on this server's data; must succeed."""
        done = self.server.run(*self.matcher.fill_in(rest).split())
        if done.returncode != 0:
            raise TalkError(f"roost {rest}: status {done.returncode}: {done.stderr.decode()}")

    def do_open(self, rest):
        tls = rest.strip() == "tls"
        port = self.server.tls_port if tls else self.server.port
        name = self.line.connection
        connection = Connection(name, self.server.host, port, tls, self.transcript)
        self.peers[name] = peer = Peer(connection)
        if rest.strip() != "raw":
            self.expect(peer, "* OK ...")

    def do_login(self, rest):
        """login [tls] [rev1] [user2]: connect if need be, LOGIN, ENABLE if the run is rev2."""
        words = rest.split()
        if self.line.connection not in self.peers:
            self.do_open("tls" if "tls" in words else "")
        user = "{{user2}} {{password2}}" if "user2" in words else "{{user}} {{password}}"
        self.command("LOGIN " + user, False, "OK")
        if self.rev == "rev2" and "rev1" not in words:
            self.command("ENABLE IMAP4rev2", False, "OK")
            self.peer().connection.utf8 = True

    def do_starttls(self, _rest):
        self.command("STARTTLS", True, "OK")
        self.peer().connection.start_tls()

    def do_compress(self, _rest):
        self.command("COMPRESS DEFLATE", True, "OK")
        self.peer().connection.compress()

    def do_compressed(self, _rest):
        self.peer().connection.compress()

    def do_uncompressed(self, _rest):
        self.peer().connection.uncompress()

    def do_wire_octets(self, rest):
        """wire-octets < N: the server has sent less than that many octets since the last time."""
        connection = self.peer().connection
        sign, limit = rest.split()
        got, connection.wire_octets = connection.wire_octets, 0
        if (got >= int(limit)) if sign == "<" else (got <= int(limit)):
            raise TalkError(f"the server sent {got} octets, want {rest}")

    def do_handshake(self, rest):
        """handshake [or closed]: if the server hangs up instead, the conversation ends well."""
        try:
            self.peer().connection.start_tls()
        except OSError:
            if rest != "or closed":
                raise
            self.do_hangup("")
            raise StopIteration from None

    def do_hangup(self, _rest):
        peer = self.peer()
        peer.connection.close()
        del self.peers[self.line.connection]

    def do_append(self, rest):
        """append MAILBOX SAMPLE [(FLAGS)] ["DATE"]"""
        mailbox, sample, options = re.match(r'("[^"]*"|\S+) (\S+) ?(.*)$', rest).groups()
        message = self.matcher.samples[sample]
        peer, tag = self.peer(), None
        tag = self.tag(peer)
        options = options + " " if options else ""
        peer.connection.send(f"{tag} APPEND {mailbox} {options}{{{len(message)}}}\r\n")
        self.wait_for(peer, tag, "+")
        peer.connection.send(message + "\r\n")
        self.wait_for(peer, tag, tag + " OK")

    def wait_for(self, peer, tag, start):
        while True:
            reply = self.read(peer, start)
            if reply.startswith(start):
                return
            if reply.startswith(tag) or reply.startswith("+"):
                raise TalkError(f"want {start}\n  got  {reply!r}")

    def do_silence(self, rest):
        """Nothing but what is allowed arrives for this many seconds."""
        peer, until = self.peer(), time.monotonic() + float(rest)
        while (left := until - time.monotonic()) > 0:
            reply = peer.connection.waiting(left)
            if reply is not None:
                self.fails_never(peer, reply)
                if not self.is_allowed(peer, reply):
                    raise TalkError(f"want silence\n  got  {reply!r}")

    def do_pause(self, rest):
        time.sleep(float(rest))

    def do_seconds(self, rest):
        self.seconds = float(rest)

    def do_set(self, rest):
        name, _, value = rest.partition(" ")
        self.matcher.values[name] = self.matcher.fill_in(value)

    def do_forget(self, rest):
        for name in rest.split():
            self.matcher.values.pop(name, None)

    def do_utf8(self, _rest):
        self.peer().connection.utf8 = True


WORDS = {
    "C:": Conversation.do_send, "C+:": Conversation.do_hold, "C-raw:": Conversation.do_raw,
    "C-wire:": Conversation.do_wire, "C-join:": Conversation.do_join, "wire-octets": Conversation.do_wire_octets,
    "compress": Conversation.do_compress, "compressed": Conversation.do_compressed,
    "uncompressed": Conversation.do_uncompressed,
    "S:": Conversation.do_expect, "U:": Conversation.do_group, "U?:": Conversation.do_maybe,
    "allow:": Conversation.do_allow, "never:": Conversation.do_never,
    "do:": Conversation.do_do, "ok:": Conversation.do_ok, "bad:": Conversation.do_bad,
    "no:": Conversation.do_no, "nobad:": Conversation.do_nobad,
    "open": Conversation.do_open, "login": Conversation.do_login,
    "handshake": Conversation.do_handshake, "admin": Conversation.do_admin,
    "starttls": Conversation.do_starttls, "hangup": Conversation.do_hangup,
    "append": Conversation.do_append, "silence": Conversation.do_silence,
    "pause": Conversation.do_pause, "seconds": Conversation.do_seconds,
    "set": Conversation.do_set, "forget": Conversation.do_forget, "utf8": Conversation.do_utf8,
}
