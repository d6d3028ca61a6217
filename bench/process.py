"""Commands of the race: where their output goes, what their failures say, on which CPUs they run, beside whom."""
import contextlib
import functools
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build/bench"
PYTHON = ROOT / ".venv-bench/bin/python"
# Nobody is slowed by what was set for other programs.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_", "MKL_"))}


class Failed(Exception):
    """An engine could not do it; the text is the reason."""


def reason(done):
    """The last line that a command which failed wrote, as a rule its exception."""
    lines = [line.strip() for text in (done.stderr, done.stdout) for line in reversed(text.splitlines()) if line.strip()]
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit {done.returncode}"
    return f"{how}: {lines[0][:300]}" if lines else how


def call(command, threads=2, timeout=900, folder=None):
    """What a command prints, run on CPU 1 where there are several, or on CPUs 0 to threads - 1."""
    cpus = "1" if threads == 1 and os.cpu_count() > 1 else f"0-{threads - 1}"
    try:
        done = subprocess.run(["taskset", "-c", cpus, *map(str, command)], capture_output=True, text=True, errors="replace",
                              env=ENVIRONMENT, timeout=timeout, cwd=folder, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Failed(f"not ready after {timeout} s") from None
    if done.returncode:
        raise Failed(reason(done))
    return done.stdout


@functools.cache
def line():
    """The program of line.c."""
    WORK.mkdir(parents=True, exist_ok=True)
    call(["cc", "-O2", "-o", WORK / "line", ROOT / "bench/line.c", "-pthread"])
    return WORK / "line"


def line_ns():
    """What a cache line takes from CPU 0 to CPU 1 and back."""
    return float(call([line()], timeout=60))


@contextlib.contextmanager
def neighbour():
    """Another program computes without a pause on CPU 1, at the priority that all have."""
    spinning = subprocess.Popen(["taskset", "-c", "1", sys.executable, "-c", "while True: pass"], stdin=subprocess.DEVNULL)
    try:
        yield spinning.pid
    finally:
        spinning.kill()
        spinning.wait()
