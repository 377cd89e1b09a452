"""tests/lib/check.py -- what a test script says: one line a fact, counted by its runner.

    ok WHAT                 holds
    not ok WHAT: WHY        does not
    skip WHAT: WHY          cannot be tried here; shown, and counted as neither
"""
import contextlib
import pathlib
import sys
import time
import traceback

import server as servers
from imap import PATIENCE_SECONDS

failed = 0


def check(what, condition, why=""):
    global failed
    if condition:
        print(f"ok {what}", flush=True)
    else:
        failed += 1
        print(f"not ok {what}: {why}", flush=True)
    return condition


def skip(what, why):
    print(f"skip {what}: {why}", flush=True)


def check_memory(what, more_kib, most_kib):
    """A sanitizer keeps what was freed: then memory says nothing."""
    if b"__asan_init" in pathlib.Path(sys.argv[1]).read_bytes():
        skip(what, "built with a sanitizer")
    else:
        check(what, more_kib < most_kib, f"{more_kib} KiB")


def note(text):
    print(f"# {text}", flush=True)


def until(condition, seconds=PATIENCE_SECONDS, step=0.02):
    """What condition() answered first that is true, or its last answer; and the seconds it took."""
    started = time.monotonic()
    while True:
        got = condition()
        took = time.monotonic() - started
        if got or took > seconds:
            return got, took
        time.sleep(step)


@contextlib.contextmanager
def running(settings="", binary=None, **options):
    """A server of BINARY (the script's argument), stopped at the end; its log is shown on failure."""
    server = servers.Roost(binary or sys.argv[1], settings=settings, **options)
    before = failed
    try:
        server.start()
        yield server
    except Exception:
        check("no exception", False, traceback.format_exc())
    finally:
        log = server.log()
        status = server.stop()
        check("ends with status 0", status in (0, None) and "Sanitizer" not in log, status)
        if failed > before:
            print("its log:\n" + log[-3000:])


def finish():
    sys.exit(failed > 0)
