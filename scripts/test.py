#!/usr/bin/env python3
"""`make test`: every suite in turn, one line each; then what failed, what was skipped and why, and the counts.
--all adds clang, the whole suite under the sanitizers, and the long lists. Logs stand in build/test/."""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build/test"
# The suites that run under ThreadSanitizer, and those that AddressSanitizer leaves to `make test-all` (minutes there).
THREADED = "Plan.Networks:Plan.Winograd:Executor.*:*Worker*:*Thread*:*Schedul*:*Parallel*:*Pool*Threads*"
SLOW_UNDER_ASAN = "*Slow*:Plan.Winograd:Plan.WinogradErrors:Plan.WinogradOneDimensional:Tuning.TheCostModels*:*Conformance*:*Bundle*:Isa.*"

SHARES = 6   # of the C++ tests, for each core

passed = failed = 0
failures, skips = [], collections.Counter()
reporting = threading.Lock()


def log_of(name):
    return LOGS / (name.replace(" ", "-").replace("/", "-") + ".log")


def run(name, command, **environment):
    """Runs one command into its log; returns its exit status."""
    with open(log_of(name), "wb") as log:
        return subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              env=os.environ | environment).returncode


def tail(name, lines=25):
    return "\n".join(log_of(name).read_text(errors="replace").splitlines()[-lines:])


def report(name, started, good, bad, skipped):
    global passed, failed
    with reporting:
        passed, failed = passed + good, failed + bad
        print(f"{name:<28} {good:>5} passed {bad:>4} failed {skipped:>4} skipped  {time.monotonic() - started:6.1f} s", flush=True)


def step(name, command, **environment):
    """One command that counts as one test; exit status 77 says that it had to skip, its last line why."""
    started = time.monotonic()
    status = run(name, command, **environment)
    if status == 77:
        skips[f"{name}: {tail(name, 1)}"] += 1
    elif status:
        failures.append(f"{name}: exit {status}\n{tail(name)}")
    report(name, started, status == 0, status not in (0, 77), status == 77)
    return status in (0, 77)


def cases(name, results):
    """Counts and names what the XML files hold: good, bad, skipped."""
    good = bad = skipped = 0
    for result in results:
        for case in xml.parse(result).iter("testcase") if result.exists() else ():
            reason = case.find("skipped")
            culprit = case.find("failure") if case.find("failure") is not None else case.find("error")
            title = f"{case.get('classname')}.{case.get('name')}"
            if culprit is not None:
                bad += 1
                failures.append(f"{name}: {title}\n{(culprit.get('message') or '')[:2000]}")
            elif reason is not None or case.get("status") == "notrun":
                skipped += 1
                text = (reason.get("message") if reason is not None else None) or "disabled"
                skips[text.strip().splitlines()[-1]] += 1
            else:
                good += 1
    return good, bad, skipped


def suite(name, runs, jobs=1):
    """gtest or pytest runs that write JUnit XML, `jobs` of them at a time. runs: [(command, its XML, its environment)]."""
    started = time.monotonic()
    for _, result, _ in runs:
        result.unlink(missing_ok=True)
    parts = [name if len(runs) == 1 else f"{name} {i + 1} of {len(runs)}" for i in range(len(runs))]
    with concurrent.futures.ThreadPoolExecutor(jobs) as threads:
        ends = list(threads.map(lambda part, r: run(part, r[0], **r[2]), parts, runs))
    good, bad, skipped = cases(name, [result for _, result, _ in runs])
    for part, status in zip(parts, ends):
        if status and not bad:
            bad = 1
            failures.append(f"{part}: exit {status}\n{tail(part)}")
    if good + bad + skipped == 0:
        bad = 1
        failures.append(f"{name}: ran no test\n{tail(parts[0])}")
    report(name, started, good, bad, skipped)


def build(name, folder, jobs, targets, *options, nice=0):
    """Configures and builds; the targets that the tree does not have are an error of the build."""
    started = time.monotonic()
    status = run(name, ["cmake", "-S", ".", "-B", folder, "-G", "Ninja", *options])
    status = status or run(name, ["nice", "-n", str(nice), "ninja", "-C", folder, "-j", str(jobs), *targets])
    if status:
        failures.append(f"{name}: exit {status}\n{tail(name)}")
    report(name, started, status == 0, status != 0, 0)
    return status == 0


def gtest(name, folder, jobs, keep="*", drop="", nice=0, **environment):
    """Each process takes its share of the tests (gtest's sharding); shares take unequal times, so there are more than cores."""
    shares = SHARES * jobs if jobs > 1 else 1
    runs = []
    for i in range(shares):
        result = LOGS / f"{folder}-{name.replace(' ', '-')}-{i}.xml"
        runs.append((["nice", "-n", str(nice), f"{folder}/net2c_tests", f"--gtest_output=xml:{result}", "--gtest_brief=1",
                      f"--gtest_filter={keep}" + (f"-{drop}" if drop else "")], result,
                     environment | {"GTEST_TOTAL_SHARDS": str(shares), "GTEST_SHARD_INDEX": str(i)}))
    suite(name, runs, jobs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--all", action="store_true", help="also what takes longer than a quarter of an hour")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    python = sys.executable
    if options.all:
        os.environ["NET2C_LONG"] = "1"
    # Where the tests find what the repository does not hold.
    cases = next((ROOT / ".venv").glob("lib/python3*/site-packages/onnx/backend/test/data"), None)
    os.environ |= {"NET2C_SHARED": str(ROOT.parent / "shared")} | ({"NET2C_ONNX_CASES": str(cases)} if cases else {})
    if not (ROOT.parent / "shared").exists():
        print("../shared is not there: tests on its models and pictures will skip")

    def sanitized():
        if build("build for ASan, UBSan", "build-asan", options.jobs, ["net2c_tests", "net2c_fuzz"], "-DNET2C_SANITIZE=address,undefined",
                 "-DNET2C_FUZZ=ON", "-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_CXX_COMPILER=clang++-19", nice=19):
            gtest("ASan and UBSan", "build-asan", options.jobs, drop="" if options.all else SLOW_UNDER_ASAN, nice=19,
                  ASAN_OPTIONS="detect_leaks=1:abort_on_error=0", UBSAN_OPTIONS="print_stacktrace=1")

    # What runs under sanitizers takes the time that the other parts leave over: at their ends cores are idle.
    background = concurrent.futures.ThreadPoolExecutor(1).submit(sanitized)
    step("import order", [python, "scripts/check_layers.py"])
    if build("build", "build", options.jobs, ["net2c", "net2c_tests", "_net2c"], "-DNET2C_PYTHON=ON", f"-DPython_EXECUTABLE={ROOT / '.venv/bin/python'}"):
        gtest("unit tests", "build", options.jobs)
        result = LOGS / "pytest.xml"
        errors = {"NET2C_ERRORS": str(LOGS / "errors.txt")}
        (LOGS / "errors.txt").unlink(missing_ok=True)
        long = [] if options.all else ["-m", "not long"]
        suite("Python tests", [([python, "-m", "pytest", "-q", "-n", str(options.jobs), "--dist", "loadfile", "-c", "tests/pytest.ini", "--rootdir=.",
                               f"--junitxml={result}", *long, "tests"], result, errors)])
        result = LOGS / "chainer.xml"
        chainer = [([".venv-chainer/bin/python", "-m", "pytest", "-q", "-c", "tests/pytest.ini", "--rootdir=.", f"--junitxml={result}", *long,
                     "tests/chainer"], result, errors)]

        def arm_and_assembly():
            for script in ("tests/assembly.py", "tests/neon.sh"):
                step(script.removeprefix("tests/"), [python if script.endswith(".py") else "bash", script])

        # A core for each of the two.
        with concurrent.futures.ThreadPoolExecutor(2 if options.jobs > 1 else 1) as threads:
            for part in (threads.submit(suite, "Chainer", chainer), threads.submit(arm_and_assembly)):
                part.result()
        step("docs/formats.md", [python, "scripts/formats", "--check"])
    background.result()
    # Without --all, ThreadSanitizer sees the bundle's own sources only: BundleTest.ParallelForUnderThreadSanitizer.
    if options.all and build("build for TSan", "build-tsan", options.jobs, ["net2c_tests"], "-DNET2C_SANITIZE=thread"):
        gtest("TSan, threads", "build-tsan", 1, keep=THREADED)
    if list(ROOT.glob("tests/fuzz/*_fuzz.cpp")):
        step("fuzz, seconds", ["scripts/fuzz", "60" if options.all else "5"])
    if options.all and build("build with clang", "build-clang", options.jobs, ["net2c", "net2c_tests"], "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON",
                             "-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_CXX_COMPILER=clang++-19"):
        gtest("unit tests with clang", "build-clang", options.jobs)

    for text in failures:
        print(f"\nFAILED {text}")
    print(f"\n{sum(skips.values())} skipped" + (":" if skips else ""))
    for reason, count in skips.most_common():
        print(f"  {count} x {reason}")
    print(f"\n{passed} passed, {failed} failed, {sum(skips.values())} skipped", flush=True)
    sys.exit(failed > 0)


main()
