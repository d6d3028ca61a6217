"""What was measured, in a JSON file that is written after each measurement, and the figures that follow from it."""
import json
import math
import statistics

OURS = "net2c"
WAYS = {"ncnn_pools": "ncnn"}  # two ways to run one engine: the faster counts
FIGURES = ("min_ms", "median_ms", "p90_ms", "cold_ms", "load_ms", "first_ms", "peak_rss_mb")
SLOW = 5


class Results:
    """header: machine, versions and seconds. What an earlier run measured with the same ones is kept and goes on."""

    def __init__(self, path, header, fresh=False):
        self.path, self.data, self.news = path, dict(header, networks={}), None
        if fresh or not path.exists():
            return
        old = json.loads(path.read_text())
        if why := difference(old, header):
            kept = path.with_name(path.stem + "-before.json")
            path.replace(kept)
            self.news = f"{why}: all is measured anew; what was there is in {kept}"
        else:
            self.data |= dict(networks=old["networks"], command=old.get("command", ""))
            runs = sum(len(record["runs"]) for record in self.data["networks"].values())
            self.news = f"goes on with the {runs} measurements of {path} (--fresh starts anew)"

    def network(self, name, digest):
        """A network's record; empty where the model has changed. What failed is tried again."""
        if self.data["networks"].get(name, {}).get("digest") != digest:
            self.data["networks"][name] = dict(digest=digest, errors={}, runs=[], endurance={})
        self.data["networks"][name]["failures"] = {}
        return self.data["networks"][name]

    def save(self):
        part = self.path.with_name(self.path.name + "-part")
        part.write_text(json.dumps(self.data, indent=1) + "\n")
        part.replace(self.path)


def difference(old, header):
    """Why old results cannot go on under this header, or None."""
    for key in ("machine", "seconds"):
        if old.get(key) != header[key]:
            return f"{key} was {old.get(key)!r}, is {header[key]!r}"
    for engine, version in header["versions"].items():
        was = old["versions"].get(engine, "not installed")
        if was not in ("not installed", version):
            return f"{engine} was {was}, is {version}"


def over_rounds(record, threads, key, how):
    """{engine: its figure over the rounds}, ways apart."""
    found = {}
    for run in record["runs"]:
        if run["threads"] == threads:
            found.setdefault(run["engine"], []).append(run[key])
    return {engine: how(each) for engine, each in found.items()}


def slow(record, threads):
    """{peer: how many times the other peers' median it takes}, of those that are out of the race. By the least times: a
    neighbour on the machine makes nobody slow."""
    peers = {e: ms for e, ms in over_rounds(record, threads, "min_ms", min).items() if e != OURS}
    found = {}
    for engine, ms in peers.items():
        others = [other for e, other in peers.items() if e != engine]
        if others and ms > SLOW * statistics.median(others):
            found[engine] = ms / statistics.median(others)
    return found


def summary(record, threads, peak=None):
    """{engine: its figures over the rounds}: the least of the minima, else medians; with the ratio to the fastest peer."""
    times, out = over_rounds(record, threads, "median_ms", statistics.median), slow(record, threads)
    found = {}
    for way in sorted(times, key=times.get):
        engine = WAYS.get(way, way)
        if engine in found:
            continue
        runs = [r for r in record["runs"] if r["threads"] == threads and r["engine"] == way]
        each = {key: (min if key == "min_ms" else statistics.median)(r[key] for r in runs) for key in FIGURES}
        each |= dict(rounds=len(runs), way=way, error=record["errors"].get(way))
        if record.get("gflop"):
            each["gflops"] = 1e3 * record["gflop"] / each["median_ms"]
            each["share"] = each["gflops"] / peak if peak else None
        if bounds := [r["bound_ms"] for r in runs if "bound_ms" in r]:
            each["bound_ms"] = min(bounds)  # a neighbour only raises it
            each["of_bound"] = each["bound_ms"] / each["median_ms"]
        if way in out:
            each["slow"] = out[way]
        found[engine] = each
    best = fastest(found)
    for each in found.values():
        each["to_fastest"] = each["median_ms"] / found[best]["median_ms"] if best else None
    return found


def fastest(engines):
    """The peer to beat. One that is slow among the others cannot be it."""
    return min((e for e in engines if e != OURS), key=lambda e: engines[e]["median_ms"], default=None)


def peak(data, threads):
    """GFLOP/s in registers: the best of what was measured beside our runs, since a neighbour only lowers it."""
    return max((r["peak_gflops"] for n in data["networks"].values() for r in n["runs"] if r["threads"] == threads and "peak_gflops" in r), default=None)


def kinds(record, threads):
    """{kernel: (layers, ms, bound ms)} of ours in a network, the least of the rounds, the longest first."""
    found = {}
    for run in record["runs"]:
        for kind in run.get("kinds", []) if run["threads"] == threads else []:
            layers, ms, bound = found.get(kind["kernel"], (0, math.inf, math.inf))
            found[kind["kernel"]] = kind["layers"], min(ms, kind["ms"]), min(bound, kind["bound_ms"])
    return dict(sorted(found.items(), key=lambda item: -item[1][1]))


def busy(record, threads):
    """{engine: (ms alone, ms beside a neighbour, how many times as long)}, medians over the pairs, the least affected first; of two ways
    that which is faster beside it."""
    pairs = {}
    for pair in record.get("busy", []):
        if pair["threads"] == threads:
            pairs.setdefault(pair["engine"], []).append(pair)
    found = {}
    for way, each in pairs.items():
        alone, beside = (statistics.median(pair[key] for pair in each) for key in ("alone_ms", "busy_ms"))
        engine = WAYS.get(way, way)
        if engine not in found or beside < found[engine][1]:
            found[engine] = alone, beside, statistics.median(pair["busy_ms"] / pair["alone_ms"] for pair in each)
    return dict(sorted(found.items(), key=lambda item: item[1][2]))


def threads_of(data):
    return sorted({r["threads"] for n in data["networks"].values() for r in n["runs"]})


def race(data, threads):
    """{network: (its summary, the fastest peer or None)}, of the networks that were measured."""
    top = peak(data, threads)
    found = {name: summary(record, threads, top) for name, record in data["networks"].items()}
    return {name: (engines, fastest(engines)) for name, engines in found.items() if engines}


def geometric_mean(data, threads):
    """Of fastest peer / ours over the networks; None where none has both."""
    ratios = [1 / engines[OURS]["to_fastest"] for engines, best in race(data, threads).values() if best and OURS in engines]
    return math.exp(statistics.mean(map(math.log, ratios))) if ratios else None
