"""bench/peers/rows.py -- the rows of the comparison: a workload of `drive`, the limit it stands
beside, and what is to be reached.
"""
from dataclasses import dataclass

REAL, SMALL = 10_000, 100_000  # messages of the two large mailboxes


@dataclass(frozen=True)
class Row:
    name: str  # of the workload, bench/workloads.c
    title: str  # {small}, {real}: how many messages the two large mailboxes hold
    goal: float = 0  # server CPU of the best peer divided by Roost's; 0: none
    limit: tuple = ()  # words for `limit`; "@octets" is what an operation of Roost's sends
    limit_goal: float = 0  # Roost's rate divided by the limit's; 0: none
    accounts: str = ""  # goes behind the user prefix: those of others shall keep their mail
    # "cold": the first of a server that has just started, "fresh": of mail just loaded, too;
    # "memory", "push": figures of another shape
    kind: str = "rate"
    goals: tuple = ()  # of "memory": KiB; of "push": microseconds of p50 and p99
    seconds: float = 1  # times the seconds of every row: few long operations want more
    # Measured against "m"essages, "c"onnections or both; "w": against messages, and the work is the
    # whole mailbox.
    grows: str = ""


REPLY = ("reply-small", "--octets", "@octets")

ROWS = (
    Row("login", "connect, LOGIN, LOGOUT", 4, ("login",), grows="c"),
    Row("login-tls", "the same over TLS, full handshake", 3, ("login-tls",)),
    Row("append", "APPEND 4 KB, 20 accounts", 4, ("commit-append",), 0.7, "new", grows="c"),
    Row("append-one", "APPEND 4 KB, 20 connections into one mailbox", 12, ("commit-one",),
        accounts="new", grows="m"),
    Row("select", "SELECT {small}, UNSELECT", 2, REPLY, grows="mc"),
    Row("open", "the same by the first session of a new server", kind="cold"),
    Row("fetch-flags", "FETCH 1:* (UID FLAGS) of {small}", 5, REPLY, grows="w"),
    Row("fetch-envelope", "FETCH envelope and structure of 100", 4, REPLY, grows="mc"),
    Row("fetch-headers", "FETCH six header fields of 100", 2, REPLY, grows="m"),
    Row("fresh-envelope", "envelope and structure of {real} just loaded", 3, kind="fresh"),
    Row("fresh-headers", "six header fields of {real} just loaded", 6, kind="fresh"),
    Row("body", "one random body of 37 KB", 2, ("body",), grows="mc"),
    Row("body-tls", "the same over TLS", 1.5, ("body-tls",)),
    Row("bodies", "all bodies of {real}", 2, ("body-large", "--octets", "@octets"), seconds=2),
    Row("body-large", "one body of 25 MB", 1.7, ("body-large",), 0.5),
    Row("store", "STORE of a flag, 20 accounts", 1.5, ("commit-store",), 0.7, grows="mc"),
    Row("search-unseen", "SEARCH UNSEEN in {small}", 15, grows="w"),
    Row("search-since", "SEARCH SINCE in {small}", 30, grows="w"),
    Row("search-subject", "SEARCH SUBJECT in {small}", 10, grows="w"),
    Row("search-body", "SEARCH BODY, a rare word in {small}", 5, ("scan",), seconds=2, grows="w"),
    Row("sort-date", "SORT (DATE) of {small}", 5, grows="w"),
    Row("thread", "THREAD=REFERENCES of {small}", 8, seconds=2, grows="w"),
    Row("resync", "SELECT (QRESYNC), 100 changes in {small}", 5, grows="m"),
    Row("push", "APPEND until ten other sessions have their EXISTS", kind="push",
        limit=("wake",), accounts="new", goals=(700, 2000)),
    Row("push-many", "the same with 1,000 sessions", kind="push", accounts="new",
        goals=(20_000, 20_000)),
    Row("mixed", "mixed day, 50 connections", 4, grows="c"),
    Row("idle", "memory of an idle session", kind="memory", goals=(5,)),
    Row("idle-tls", "the same, TLS", kind="memory", goals=(25,)),
    Row("idle-compress", "the same, TLS and COMPRESS", kind="memory", goals=(35,)),
    Row("slow", "memory of a session that fetches its mail slowly", kind="memory"),
)


def chosen(names):
    """The rows of these names in the table's order; all of them when there are no names."""
    known = [row.name for row in ROWS]
    for name in names:
        if name not in known:
            raise SystemExit(f"bench: there is no row {name!r}; there are: {', '.join(known)}")
    return [row for row in ROWS if not names or row.name in names]
