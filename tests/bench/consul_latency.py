#!/usr/bin/env python3
"""From a registration at a Consul agent to whoever watches: `brontes watch` against a bare blocking query.

usage: consul_latency.py change     BRONTES_BIN: where the programs are (default build/release/bin)

Prints {"p50_ms", "max_ms"} of `brontes watch` and {"bare_p50_ms", "bare_max_ms"} of a loop that does
nothing but ask, both from before the same registrations. One every 0.7 s: more often than twice a
second is not asked, see docs/discovery.md.
"""
import http.client
import json
import os
import pathlib
import shutil
import statistics
import sys
import threading
import time
import types

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/chaos"))
from processes import Failure, Unready  # noqa: E402
from world import World  # noqa: E402

COUNT = 20


class Bare(threading.Thread):
    """When each id was first seen."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.seen = address, {}
        self.changed = threading.Condition()

    def run(self):
        try:
            self.ask_without_end()
        except (OSError, http.client.HTTPException):
            pass  # the agent has ended

    def ask_without_end(self):
        line, index = http.client.HTTPConnection(*self.address), 0
        while True:
            line.request("GET", f"/v1/health/service/svc?index={index}&wait=30s")
            answer = line.getresponse()
            shown = json.loads(answer.read())
            at, index = time.monotonic(), answer.headers["X-Consul-Index"]
            with self.changed:
                for entry in shown:
                    self.seen.setdefault(entry["Service"]["ID"], at)
                self.changed.notify_all()

    def wait(self, one):
        with self.changed:
            if not self.changed.wait_for(lambda: one in self.seen, 30):
                raise Failure(f"{one} is never shown")
            return self.seen[one]


def register(consul, one):
    line = http.client.HTTPConnection(*consul.address())
    line.request("PUT", "/v1/agent/service/register", json.dumps({
        "ID": one, "Name": "svc", "Address": "127.0.0.1", "Port": 9,
        "Tags": ["prefix:p", "protocol:GRPC", f"instance_id:{one}", "network:tcp", "weight:100"],
        "Check": {"CheckID": f"service:{one}", "TTL": "10m", "Status": "passing"}}))
    if line.getresponse().status != 200:
        raise Failure(f"{one} is not registered")


def measure(world):
    consul = world.consul()
    bare, watch = Bare(consul.address()), world.watch(consul, expect=0)
    bare.start()
    ours, theirs = [], []
    for number in range(COUNT + 1):
        time.sleep(0.7)
        one, mark, began = f"i{number}", watch.mark(), time.monotonic()
        register(consul, one)
        watch.wait("snapshot", lambda event: len(event["instances"]) == number + 1, mark)
        heard = watch.heard[-1]
        if number > 0:  # until the first one nobody waits for the service itself
            ours.append((heard - began) * 1000)
            theirs.append((bare.wait(one) - began) * 1000)
    return {"p50_ms": statistics.median(ours), "max_ms": max(ours),
            "bare_p50_ms": statistics.median(theirs), "bare_max_ms": max(theirs)}


def main():
    if sys.argv[1:] != ["change"]:
        print(__doc__, file=sys.stderr)
        return 2
    found = shutil.which("consul") or str(ROOT / ".cache/consul/consul")
    if not os.access(found, os.X_OK):
        print("there is no consul (tools/setup.sh test)", file=sys.stderr)
        return 1
    tools = types.SimpleNamespace(bin=os.environ.get("BRONTES_BIN", ROOT / "build/release/bin"),
                                  etcd="", consul=found)
    try:
        with World(tools, 1, True) as world:
            print(json.dumps(measure(world)))
    except (Failure, Unready) as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
