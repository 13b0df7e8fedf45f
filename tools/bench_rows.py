"""What tools/bench.py measures: the rows, each with two sides and a goal.

A row compares a number of ours with one of theirs, or with a figure; a row without a goal is shown
all the same, and says so.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Side:
    """How one number is got: a program, its case, and the member of what it prints."""
    program: str
    case: str
    member: str
    google: bool = False


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    unit: str
    better: str  # "lower" or "higher"
    ours: Side
    theirs: Side | None
    # "plus": ours <= theirs + goal; "times": ours against theirs * goal; "own": against the goal;
    # "reported": there is no goal.
    limit: str
    goal: float | None = None

    def goal_text(self):
        if self.limit == "reported":
            return "reported"
        sign = "<=" if self.better == "lower" else ">="
        return {"plus": f"{sign} theirs + {self.goal:g}", "times": f"{sign} {self.goal:g} x theirs",
                "own": f"{sign} {self.goal:g}"}[self.limit]

    def met(self, ours, theirs):
        """None: there is nothing to meet."""
        if self.limit == "reported":
            return None
        bound = {"plus": lambda: theirs + self.goal, "times": lambda: theirs * self.goal,
                 "own": lambda: self.goal}[self.limit]()
        return ours <= bound if self.better == "lower" else ours >= bound


def grpc(name, case, added_us, share):
    """CPU and throughput of a handler against the raw generated callback server."""
    return [Row(f"grpc unary, {name}: server CPU", "us/call", "lower",
                Side("bench_grpc", case, "server_cpu_us"),
                Side("bench_grpc", "raw", "server_cpu_us"), "plus", added_us),
            Row(f"grpc unary, {name}: throughput", "calls/s", "higher",
                Side("bench_grpc", case, "calls_per_s"),
                Side("bench_grpc", "raw", "calls_per_s"), "times", share)]


def adopted(name, ours, theirs):
    """A stock service that a node has adopted against the same service in gRPC's own server."""
    return [Row(f"adopted against raw, {name}: server CPU", "us/call", "lower",
                Side("bench_grpc", ours, "server_cpu_us"),
                Side("bench_grpc", theirs, "server_cpu_us"), "reported"),
            Row(f"adopted against raw, {name}: throughput", "calls/s", "higher",
                Side("bench_grpc", ours, "calls_per_s"),
                Side("bench_grpc", theirs, "calls_per_s"), "reported")]


def http(name, theirs, limit, goal=None, size="small"):
    """Requests per second of CPU: a node's REST against another server on the same proto."""
    order = "" if size == "small" else "-order"
    return Row(f"{name}, {size}: per CPU second", "requests", "higher",
               Side("bench_http", "rest" + order, "requests_per_cpu_s"),
               Side("bench_http", theirs + order, "requests_per_cpu_s"), limit, goal)


def rest():
    """A REST function handler against Beast answering a constant of the same size."""
    return [http("REST unary, function handler", "beast", "times", 0.85),
            http("REST unary, function handler", "beast", "reported", size="1.5 KB"),
            Row("REST unary, function handler, small: throughput", "requests/s", "higher",
                Side("bench_http", "rest", "requests_per_s"),
                Side("bench_http", "beast", "requests_per_s"), "reported")]


def gateway(name, theirs):
    """The same against a gateway in Go, charged for all that it does in its process."""
    return [http(f"gateway against {name}", theirs, "times", 4, size)
            for size in ("small", "1.5 KB")]


def picks():
    """What a pick costs by each policy; two threads at a time are shown, too."""
    for policy in ("peak_ewma", "least_request", "round_robin", "random", "weighted",
                   "ring_hash", "load"):
        for count in (10, 1000, 10_000):
            yield Row(f"pick {policy} among {count}", "ns", "lower",
                      Side("bench_pick", f"{policy}-{count}", "cpu_ns"), None, "own",
                      60 if policy == "ring_hash" else 25)
        yield Row(f"pick {policy} among 1000, two threads", "ns", "lower",
                  Side("bench_pick", f"{policy}-1000-2", "cpu_ns"), None, "reported")


def guards():
    """What a breaker or limit adds to a call that it lets in; two threads at a time are shown, too."""
    for case, what in (("consecutive", "breaker gobreaker, closed"), ("bulkhead", "bulkhead")):
        yield Row(f"guard {what}", "ns", "lower", Side("bench_guard", case, "cpu_ns"), None, "own", 40)
        yield Row(f"guard {what}, two threads", "ns", "lower",
                  Side("bench_guard", f"{case}-2", "cpu_ns"), None, "reported")
    for case, what in (("share", "breaker hystrix, closed"), ("throttle", "breaker sre, closed"),
                       ("open", "breaker, open: refusing"), ("rate_limit", "rate limit"),
                       ("per_key", "bulkhead per key"), ("chain", "chain of breaker, limit, bulkhead")):
        yield Row(f"guard {what}", "ns", "lower", Side("bench_guard", case, "cpu_ns"), None, "reported")


def json_codec(what, size):
    """Our codec against protobuf's json_util, on the same message."""
    return Row(f"JSON {what}, {size} B: CPU", "us", "lower",
               Side("bench_json", f"{what}_{size}", "cpu_us"),
               Side("bench_json", f"their_{what}_{size}", "cpu_us"), "times", 0.5)


def json_tokens(size):
    """What of reading is the tokeniser's."""
    return Row(f"JSON tokenising in reading, {size} B", "us", "lower",
               Side("bench_json", f"tokenise_{size}", "cpu_us"),
               Side("bench_json", f"read_{size}", "cpu_us"), "reported")


def list_of(count, goal):
    """Of ours against the bare range, and against etcd's own client with JSON and a map."""
    case = f"list-{count}"
    return [Row(f"list of {count}, decoded", "ms", "lower",
                Side("bench_discovery", case, "list_ms"),
                Side("bench_discovery", case, "bare_ms"), "times", 2),
            Row(f"list of {count} against etcd's Go client", "ms", "lower",
                Side("bench_discovery", case, "list_ms"),
                Side("etcd_client_go", case, "list_ms"), "times", goal)]


def against_go(name, unit, better, case, member, goal):
    """A subscriber of ours against a watch of etcd's own client that keeps a map."""
    return Row(f"{name} against etcd's Go client", unit, better,
               Side("bench_discovery", case, member), Side("etcd_client_go", case, member),
               "times", goal)


def discovery():
    """Discovery over a registry in a process of its own."""
    return [*list_of(10_000, 0.4), *list_of(100_000, 0.5),
        Row("memory of one of 100000 instances", "B", "lower",
            Side("bench_discovery", "memory-100000", "bytes"), None, "own", 600),
        Row("put to snapshot, over the put: p50", "ms", "lower",
            Side("bench_discovery", "change", "p50_ms"), None, "reported"),
        Row("put to snapshot, over the put: p99", "ms", "lower",
            Side("bench_discovery", "change", "p99_ms"), None, "own", 5),
        against_go("put to snapshot: p50", "ms", "lower", "change", "whole_p50_ms", 1.05),
        against_go("put to snapshot: p99", "ms", "lower", "change", "whole_p99_ms", 1.05),
        against_go("20000 changes of 10000: CPU of each", "us", "lower", "churn-20000", "cpu_us",
                   0.5),
        against_go("20000 changes of 10000: followed", "changes/s", "higher", "churn-20000",
                   "events_per_s", 1.0),
        Row("20000 changes of 10000: the last one is late by", "ms", "lower",
            Side("bench_discovery", "churn-20000", "late_ms"), None, "own", 60),
        Row("one change of 10000: applied and compared", "us", "lower",
            Side("bench_discovery", "publish-10000", "us"), None, "own", 60),
        Row("one change of 100000: applied and compared", "us", "lower",
            Side("bench_discovery", "publish-100000", "us"), None, "own", 400),
        Row("10000 subscribers served from one change", "ms", "lower",
            Side("bench_discovery", "fanout-10000", "ms"), None, "own", 10),
        Row("10000 actors that subscribe, against as many bare actors", "ms", "lower",
            Side("bench_discovery", "actor_fanout-10000", "ms"),
            Side("bench_discovery", "bare_fanout-10000", "ms"), "reported"),
        Row("memory of 100 changes, one of 1000 subscribers stands still", "KB", "lower",
            Side("bench_discovery", "stalled-1000", "kb"), None, "own", 1024)]


ROWS = [
    *grpc("function handler", "function", 1.0, 0.95),
    *grpc("actor handler", "actor", 2.0, 0.90),
    *adopted("callback service", "adopted", "raw"),
    *adopted("sync service", "adopted_sync", "raw_sync"),
    Row("default chain: server CPU", "us/call", "lower",
        Side("bench_grpc", "function", "server_cpu_us"),
        Side("bench_grpc", "chainless", "server_cpu_us"), "reported"),
    Row("shared port: throughput", "calls/s", "higher", Side("bench_grpc", "shared", "calls_per_s"),
        Side("bench_grpc", "function", "calls_per_s"), "times", 0.98),
    Row("shared port: p50", "us", "lower", Side("bench_grpc", "shared", "p50_us"),
        Side("bench_grpc", "function", "p50_us"), "times", 1.05),
    Row("shared port: server CPU", "us/call", "lower", Side("bench_grpc", "shared", "server_cpu_us"),
        Side("bench_grpc", "function", "server_cpu_us"), "times", 1.05),
    *rest(),
    *gateway("grpc-gateway (Go)", "grpc_gateway"),
    *gateway("hephfx one-port", "hephfx"),
    Row("stock stub on a channel: CPU", "us/call", "lower",
        Side("bench_channel", "stub", "balanced_us"), Side("bench_channel", "stub", "plain_us"),
        "plus", 1.0),
    Row("stock stub on a channel: wall", "us/call", "lower",
        Side("bench_channel", "stub", "balanced_wall_us"),
        Side("bench_channel", "stub", "plain_wall_us"), "reported"),
    Row("pick, and a look at its connection", "ns", "lower",
        Side("bench_channel", "pick", "cpu_ns"), None, "reported"),
    *[json_codec(what, size) for what in ("read", "write") for size in (39, 1400)],
    json_tokens(39), json_tokens(1400),
    *picks(),
    *discovery(),
    *guards(),
    *[Row(f"metrics of a call, threads that count: {threads}", "ns", "lower",
          Side("bench_metrics", str(threads), "cpu_ns"), None, "reported") for threads in (1, 2)],
    Row("snapshot read", "ns", "lower",
        Side("bench_published", "^published/threads:1$", "cpu_time", google=True),
        Side("bench_published", "^mutex_and_share/threads:1$", "cpu_time", google=True), "own", 5),
]
