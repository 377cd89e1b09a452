"""bench/peers/growth.py -- what an operation costs when the mailbox or the company grows.

A server whose cost grows faster than the work shows it here: a command about one message should
cost the same among a million, and one session the same beside ten thousand that sleep.
"""
MESSAGES = (1_000, 10_000, 100_000, 1_000_000)
CONNECTIONS = (1, 10, 100, 1_000, 10_000)
# Beyond, a peer takes hours to load or gigabytes to hold its processes.
PEER_MESSAGES, PEER_CONNECTIONS = 100_000, 1_000


def by_messages(rows, columns, results, settings, say):
    """Small messages, each number in an account of its own."""
    for column in columns:
        for count in MESSAGES:
            if column.name != "roost" and count > PEER_MESSAGES:
                continue
            count = int(count * settings.scale)
            account = f"grow{count}"
            for accounts in {row.accounts for row in rows}:  # "new": of those that append
                column.load(account, "small", count, accounts)
            measure(rows, column, results, settings, say, "messages", count, "--account", account)


def by_connections(rows, columns, results, settings, say):
    """So many sessions sit beside those that work, each with an INBOX selected."""
    for column in columns:
        for count in CONNECTIONS:
            if column.name != "roost" and count > PEER_CONNECTIONS:
                continue
            column.server.restart()  # none keeps what the last number left
            measure(rows, column, results, settings, say, "connections", count, "--idle", count)


def measure(rows, column, results, settings, say, axis, count, *options):
    for row in rows:
        record = column.try_row(row, "--seconds", settings.seconds / 2, *options)
        record[axis] = count
        results.add(row.name, column.name, record)
        say(f"{row.name:16} {column.name:8} {count:8} {axis}  CPU {record.get('cpu_us', 0):.1f} us")


AXES = {"messages": by_messages, "connections": by_connections}
