"""Servers that misbehave as told, a load on them, and what became of its calls: by the caller's word,
and by what the servers wrote down as it arrived. Times are monotonic seconds."""
import base64
import dataclasses
import http.client
import json
import signal
import socket
import threading
import time

from processes import HANG, Subject, Unready, free_port, until
from rows import must
from world import TTL

RETRY_SHARE, RETRY_FLOOR = 0.2, 10  # the budget of retries: of the calls, and a second
HEDGE_SHARE = 0.05                  # the budget of hedges


class Target(Subject):
    """chaos_server, announced as svc. A port or a proxy is kept by the next one that is given it."""

    def __init__(self, world, registry, port=None, proxy=None):
        self.proxy = proxy
        self.port = port or (proxy.target[1] if proxy else free_port())
        self.address = proxy.address if proxy else f"127.0.0.1:{self.port}"
        self.journal = world.file("arrivals")
        more = [f"chaos.journal={self.journal}", f"chaos.seed={world.random.randrange(1, 1 << 30)}",
                f"ttl={int(TTL)}s", f"advertise={self.address}", "log.level=warn"]
        super().__init__(world.folder, [f"{world.tools.bin}/chaos_server", "--listen",
                                        f"127.0.0.1:{self.port}", "--registry", registry,
                                        *sets(more)])

    def wait_serving(self):
        """When it was registered."""
        until(lambda: self.since(name="serving") or not self.alive(), "a server serves")
        if not self.alive():  # somebody was quicker with the port
            raise Unready(f"a server of ours ended: {self.said()}")
        return self.since(name="serving")[0]["at_ms"] / 1000

    def behave(self, **conduct):
        """From now on: after_us, errors (share), code, hangs. Returns when it was so."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG)
        try:
            query = "&".join(f"{key}={value}" for key, value in conduct.items())
            line.request("POST", f"/behave?{query}")
            answer = line.getresponse()
            must(answer.status == 200, f"behave {query}: {answer.read()}")
        finally:
            line.close()
        return time.monotonic()

    def arrivals(self):
        if not self.journal.exists():
            return []
        lines = (line.split() for line in self.journal.read_text().splitlines())
        return [Arrival(self, int(at) / 1e9, int(number), int(issued) / 1e9, int(before))
                for at, number, issued, before in lines]


class Caller(Subject):
    """chaos_caller: so many calls a second to svc, until stop()."""

    def __init__(self, world, registry, rate, endpoints, channel):
        self.journal = world.file("calls")
        options = {"target": "discovery:///svc", "timeout": "10s"} | channel
        more = [f"channels.svc.{key}={value}" for key, value in options.items()]
        more += [f"channels.svc.{pair}" for pair in world.tools.channel]
        more += [f"chaos.rate={rate}", f"chaos.endpoints={endpoints}", "log.level=off",
                 f"chaos.journal={self.journal}"]
        super().__init__(world.folder, [f"{world.tools.bin}/chaos_caller", "--registry", registry,
                                        *sets(more)])

    def stop(self):
        self.send(signal.SIGTERM)
        self.wait("done")
        lines = (line.split() for line in self.journal.read_text().splitlines())
        return [Call(int(number), int(issued) / 1e9, int(ended) / 1e9, int(code), int(attempts), whom)
                for number, issued, ended, code, attempts, whom in lines]

    def states(self, address):
        """All that the channel ever thought of that endpoint."""
        return {event["endpoints"][address] for event in self.since(name="endpoints")
                if address in event["endpoints"]}


def sets(pairs):
    return [word for pair in pairs for word in ("--set", pair)]


@dataclasses.dataclass(frozen=True)
class Arrival:
    target: Target
    at: float
    number: int    # of the call
    issued: float  # by the caller
    before: int    # attempts


@dataclasses.dataclass(frozen=True)
class Call:
    number: int
    issued: float
    ended: float
    code: int
    attempts: int
    whom: str


class Traffic:
    """A load on some targets, whole when it is over: `calls`, and `arrivals` in their order."""

    def __init__(self, world, rate, servers=3, channel=(), after_us=0, behind=()):
        self.world = world
        self.etcd = world.etcd()
        self.registry = world.url(self.etcd)
        self.after_us = after_us  # of their answers
        self.all = []  # every server that ever was
        self.targets = [self.serve(proxy=world.proxy_of(free_port()) if i in behind else None)
                        for i in range(servers)]
        for target in self.targets:
            self.ready(target)
        self.caller = world.adopt(Caller(world, self.registry, rate, servers, dict(channel)))
        self.began = self.caller.wait("ready")["at_ms"] / 1000
        self.calls, self.arrivals = [], []

    def serve(self, port=None, proxy=None):
        self.all.append(self.world.adopt(Target(self.world, self.registry, port, proxy)))
        return self.all[-1]

    def ready(self, target):
        at = target.wait_serving()
        if self.after_us:
            target.behave(after_us=self.after_us)
        return at

    def restart(self, index):
        """A new process in place of one that is gone; when it was registered."""
        old = self.targets[index]
        self.targets[index] = self.serve(old.port, old.proxy)
        return self.ready(self.targets[index])

    def flow(self, whole, brief):
        self.world.wait(whole, brief)

    def stop(self):
        self.calls = self.caller.stop()
        must(self.calls, "nobody was called")
        self.arrivals = sorted((one for target in self.all for one in target.arrivals()),
                               key=lambda one: one.at)
        return self

    def failed(self, begin=0.0):
        """Calls that were issued since then."""
        return [call for call in self.calls if call.code and call.issued >= begin]

    def extra(self, begin=0.0):
        """What servers received beyond one of each call, per call."""
        received = [one for one in self.arrivals if one.issued >= begin]
        calls = {one.number for one in received}
        return (len(received) - len(calls)) / max(1, len(calls))

    def within_budget(self, share=RETRY_SHARE, floor=RETRY_FLOOR):
        """The load that retries add: at most that of the calls, and a floor saved up for 10 s."""
        calls = len({one.number for one in self.arrivals})
        seconds = 10 + self.calls[-1].issued - self.began
        must(len(self.arrivals) - calls <= share * calls + floor * seconds,
             f"{len(self.arrivals)} arrived of {calls} calls: more than the budget allows")

    def share(self, target, begin, skip=0):
        """Of what arrived since then, after so many, the part that arrived there; percent."""
        since = [one for one in self.arrivals if one.at >= begin][skip:]
        must(len(since) > 100, f"only {len(since)} calls arrived")
        return 100 * sum(one.target is target for one in since) / len(since)

    def tried_elsewhere_until(self, begin):
        """Of the calls issued since then whose first attempt no server saw, the last: when it was
        issued, after `begin`."""
        seen = {one.number for one in self.arrivals if one.before == 0}
        return max((call.issued - begin for call in self.calls
                    if call.issued >= begin and call.number not in seen), default=0.0)

    def records(self):
        """By address."""
        values = (base64.b64decode(pair["value"]) for pair in self.etcd.records().values())
        return {one["address"]: one for one in map(json.loads, values)}


def percentile(calls, part):
    """Of the time that calls took."""
    took = sorted(call.ended - call.issued for call in calls)
    return took[min(len(took) - 1, int(part * len(took)))]


class BlackHole:
    """Accepts, and never says a word."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.accepted = []  # kept open
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                self.accepted.append(self.socket.accept()[0])
        except OSError:
            pass  # closed

    def close(self):
        self.socket.close()
        for one in self.accepted:
            one.close()
