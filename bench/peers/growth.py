"""bench/peers/growth.py -- what an operation costs when the mailbox or the company grows.

A server whose cost grows faster than the work shows it here: a command about one message should
cost the same among a million, a search of all messages ten times as much in ten times as many, and
one session the same beside ten thousand that sleep.
"""
import dataclasses

from rows import SMALL

MESSAGES = (1_000, 10_000, 100_000, 1_000_000)
CONNECTIONS = (1, 10, 100, 1_000, 10_000)
# Beyond, a peer takes hours to load or gigabytes to hold its processes.
PEER_MESSAGES, PEER_CONNECTIONS = 100_000, 1_000
REAL, EACH = 1_000, 50  # the company's mail: nothing that is measured here depends on how much
PART = 3  # of the seconds of a run: there are many, and their CPU is steady


def sizes(column, every, most_of_peers, scale=1):
    return [int(n * scale) for n in every if column.name == "roost" or n <= most_of_peers]


def account_of(count, scale):
    return "small" if count == int(SMALL * scale) else f"grow{count}"


def load(columns, scale, say):
    """One mailbox for each number of messages, and the mail of a company."""
    for column in columns:
        column.load_large("real", "real", int(REAL * scale), say)
        column.load_people(int(EACH * scale))
        for count in sizes(column, MESSAGES, PEER_MESSAGES, scale):
            column.load_large(account_of(count, scale), "small", count, say)


def by_messages(rows, columns, results, settings, say):
    """Rows that append come last, and what they leave goes again: the mailbox keeps its size."""
    rows = sorted(rows, key=lambda row: row.accounts == "new")
    for column in columns:
        for count in sizes(column, MESSAGES, PEER_MESSAGES, settings.scale):
            account = account_of(count, settings.scale)
            column.warm(account)
            column.server.rest()  # what that has begun, and what was cut before
            for row in rows:
                row = dataclasses.replace(row, accounts="")
                record = column.try_row(row, *duration(settings), "--account", account)
                keep(results, row, column, record, "messages", count, say)
            cut(column, account, count)


def cut(column, account, count):
    client = column.server.client(column.name + account)
    _, _, replies = client.command("SELECT INBOX")
    exists = next(int(r.split()[1]) for r in replies if r.endswith(b"EXISTS"))
    if exists > count:
        client.command(f"STORE {count + 1}:{exists} +FLAGS.SILENT (\\Deleted)")
        client.command("EXPUNGE")
    client.close()


def by_connections(rows, columns, results, settings, say):
    """So many sessions sit beside those that work, each with an INBOX selected."""
    for column in columns:
        for count in sizes(column, CONNECTIONS, PEER_CONNECTIONS):
            column.server.restart()  # none keeps what the last number left
            with column.sitting(count):
                for row in rows:
                    record = column.try_row(row, *duration(settings))
                    keep(results, row, column, record, "connections", count, say)


def duration(settings):
    return "--seconds", settings.seconds / PART


def keep(results, row, column, record, axis, count, say):
    record[axis] = count
    results.add(row.name, column.name, record)
    say(f"{row.name:16} {column.name:8} {count:8} {axis}  CPU {record.get('cpu_us', 0):.1f} us")


# What is measured against each axis, by the letters of Row.grows.
AXES = {"messages": ("mw", by_messages), "connections": ("c", by_connections)}
