"""Runs one command and prints, as JSON, what it took.

    python -I -S measure.py LIMIT FOLDER LOG COMMAND …

A process of its own, as small as possible: Linux counts the memory of the process that starts a command as
the command's, until the command's program is loaded. The command runs in FOLDER, in a process group of its own,
which is killed when it has run LIMIT seconds or when this process is told to end. What it prints goes to LOG.
"""

import json
import os
import signal
import sys
import time


def start(folder: str, log: str, command: list[str]) -> int:
    """Starts the command; its process."""
    child = os.fork()
    if child != 0:
        return child
    os.setpgid(0, 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        os.chdir(folder)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error}\n".encode())
    os._exit(127)


def main() -> None:
    limit, folder, log, command = float(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
    signals = []
    started = time.perf_counter()
    child = start(folder, log, command)

    def kill(number, _frame):
        signals.append(number)
        try:
            os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:
            pass

    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, kill)
    signal.setitimer(signal.ITIMER_REAL, limit)
    # With the descendants that the command waited for.
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    signal.setitimer(signal.ITIMER_REAL, 0)
    if any(number != signal.SIGALRM for number in signals):
        sys.exit(130)
    taken = {
        "over": bool(signals),
        "status": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        # Of the largest process, in KiB.
        "peak": usage.ru_maxrss,
    }
    print(json.dumps(taken))


main()
