#!/usr/bin/python3
"""Complete lines in an interactive zsh at a pseudo-terminal, as a user's Tab does.
    zsh_lines.py FUNCTIONS_DIR LINE EXPECTED [LINE EXPECTED ...]
"""
import os
import pty
import re
import select
import signal
import sys
import time

DEADLINE_S = 20


def read_until(terminal, pattern):
    """What matches, None if nothing does in time."""
    text, end = "", time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                text += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                return None
        found = re.search(pattern, text, re.S)
        if found:
            return found
    return None


def complete(functions, line, expected):
    """The words of a line after one Tab; waits for those expected before it ends the line."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "dumb"
        os.execvp("zsh", ["zsh", "-f", "-i"])
    # The prompt and the result are written so that the echo of this line is neither.
    os.write(terminal, ("PROMPT='REA''DY>' RPROMPT=; fpath=(%s $fpath); autoload -Uz compinit; "
                        "compinit -u -D; scoreline() { print -r -- \"GOT\"\"<$*>\" }\n"
                        % functions).encode())
    read_until(terminal, "READY>")
    os.write(terminal, line.encode() + b"\t")
    read_until(terminal, re.escape(expected))
    os.write(terminal, b"\n")
    found = read_until(terminal, "GOT<(.*?)>")
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(terminal)
    return found[1].strip() if found else "nothing"


def main(functions, *pairs):
    n_failed = 0
    for line, expected in zip(pairs[::2], pairs[1::2]):
        found = complete(functions, line, expected)
        if found != expected:
            n_failed += 1
            print(f"zsh, {line!r}: expected {expected!r}, found {found!r}")
    return n_failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
