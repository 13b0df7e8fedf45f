"""Calls through a channel while servers die, hang and fail: F01, F09, F11, F25, F40, F64 to F69."""
import signal
import time

from calls import HEDGE_SHARE, BlackHole, Traffic, percentile
from processes import HANG, until
from rows import must, row
from world import PERIOD, TTL, WINDOW

UNPICK = 0.01  # seconds, from a reset to the last call that tries the one that was reset
BUSY_US = 50_000  # an answer that takes so long: whoever dies has calls under way


def rate(world, whole):
    """Calls a second: as many as the matrix says, or what a busy machine carries easily."""
    return 300 if world.brief else whole


def killed(world):
    traffic = Traffic(world, rate(world, 5000), after_us=BUSY_US)
    traffic.flow(2 + world.upto(PERIOD), 1 + world.upto(0.2))
    victim = traffic.targets[world.random.randrange(3)]
    victim.kill()
    return traffic, victim, time.monotonic()


@row("F01", 0, "failed calls", smoke=True)
def killed_server(world):
    """kill -9 of 1 of 3 under load fails no call"""
    traffic, _, _ = killed(world)
    traffic.flow(3, 1.5)
    traffic.stop().within_budget()
    must(any(call.attempts > 1 for call in traffic.calls) or traffic.failed(), "no call was under way")
    return len(traffic.failed())


@row("F01.unpick", UNPICK)
def reset_server(world):
    """a server is not tried any more when its connections were reset"""
    # In turns, and without ejection: nothing but its connections tells.
    traffic = Traffic(world, rate(world, 1000), after_us=BUSY_US, behind=(2,), channel={
        "balancing.policy": "round_robin", "balancing.ejection": "false"})
    traffic.flow(2 + world.upto(PERIOD), 1 + world.upto(0.2))
    reset = time.monotonic()
    traffic.targets[2].proxy.set(refuse=True)
    traffic.flow(3, 1.5)
    traffic.stop().within_budget()
    must(not traffic.failed(), f"{len(traffic.failed())} calls failed")
    return traffic.tried_elsewhere_until(reset)


@row("F01.delete", TTL + 0.8)
def record_of_a_killed_server(world):
    """the record of a server that was killed goes with its lease"""
    traffic, victim, at = killed(world)
    gone = until(lambda: victim.address not in traffic.records(), "its record is gone")
    return gone - at


def leave(traffic, index):
    """SIGTERM; when its record said that it drains."""
    leaving = traffic.targets[index]
    leaving.send(signal.SIGTERM)

    def drains():
        return not traffic.records().get(leaving.address, {"healthy": False})["healthy"]
    return until(drains, "its record says that it drains")


def left_in_turns(world):
    """One after the other. The traffic, and how long after it drained each was called."""
    traffic = Traffic(world, rate(world, 2000), after_us=BUSY_US)
    drained = []
    for index in range(3):
        traffic.flow(1 + world.upto(1), 1)
        leaving, told = traffic.targets[index], time.monotonic()
        drained.append((leaving, leave(traffic, index)))
        code = leaving.process.wait(HANG)
        must(code == 0, f"it ended with {code}: {leaving.said()}")
        must(time.monotonic() - told <= 6, f"it took {time.monotonic() - told:.2f} s to end")
        traffic.restart(index)
    traffic.flow(1, 1)
    traffic.stop()
    return traffic, [max((one.issued - at for one in gone.arrivals()), default=0.0)
                     for gone, at in drained]


@row("F09", 0, "failed calls")
def leaving_servers(world):
    """SIGTERM of one after the other fails no call, and repeats none"""
    traffic, _ = left_in_turns(world)
    must(traffic.extra() == 0, f"{100 * traffic.extra():.2f} % arrived twice")
    return len(traffic.failed())


@row("F09.unpick", WINDOW + UNPICK)
def unpicked_when_it_drains(world):
    """a server is not called any more when its record says that it drains"""
    _, late = left_in_turns(world)
    return max(0.0, *late)


@row("F11", 0, "failed calls")
def killed_while_it_drains(world):
    """kill -9 of a server that drains fails no call, as nobody calls it"""
    traffic = Traffic(world, rate(world, 2000), after_us=BUSY_US)
    traffic.flow(2, 1)
    at, victim = leave(traffic, 0), traffic.targets[0]
    time.sleep(world.random.uniform(0.2, 1))
    victim.kill()
    traffic.flow(3, 2)
    traffic.stop()
    late = max((one.issued - at for one in victim.arrivals()), default=0.0)
    must(late <= WINDOW + UNPICK, f"called {1000 * late:.0f} ms after it drained")
    return len(traffic.failed())


@row("F25.calls", 0, "failed calls")
def calls_without_a_registry(world):
    """a registry that stands still, dies and comes back empty fails no call"""
    traffic = Traffic(world, rate(world, 2000))
    traffic.flow(2, 1)
    traffic.etcd.pause()
    traffic.flow(TTL + 2, 3)
    traffic.etcd.resume()
    traffic.etcd.wipe()
    until(lambda: len(traffic.records()) == 3, "all are back")
    traffic.flow(3, 1)
    return len(traffic.stop().failed())


@row("F40", 0, "failed calls")
def eight_of_twenty_die(world):
    """kill -9 of 8 of 20 at once fails no call of an idempotent method: some lose two servers"""
    traffic = Traffic(world, rate(world, 1000), servers=20, after_us=BUSY_US,
                      channel={"idempotent": "true"})
    traffic.flow(2 + world.upto(PERIOD), 1)
    for victim in world.random.sample(traffic.targets, 8):
        victim.send(signal.SIGKILL)
    traffic.flow(5, 2)
    traffic.stop().within_budget()
    return len(traffic.failed())


@row("F64", 0, "failed calls", smoke=True)
def no_http2(world):
    """one that accepts connections and says nothing is never called, and seldom dialled"""
    traffic = Traffic(world, rate(world, 2000))
    hole = BlackHole()
    world.proxies.append(hole)
    begin = time.monotonic()
    traffic.etcd.put("hole", address=hole.address)
    until(lambda: hole.accepted, "it is dialled")
    traffic.flow(12, 2)
    dialled, most = len(hole.accepted), 1 + (time.monotonic() - begin) / 5
    traffic.stop()
    must(traffic.extra() == 0 and all(one.before == 0 for one in traffic.arrivals), "it was tried")
    must("ready" not in traffic.caller.states(hole.address), "it was READY")
    must(dialled <= most, f"it was dialled {dialled} times")
    return len(traffic.failed())


@row("F65", 1, "%", smoke=True)
def fails_at_once(world):
    """one that answers UNAVAILABLE at once gets 1 % of the calls after the first 100; none fails"""
    traffic = Traffic(world, rate(world, 1000), servers=3 if world.brief else 10, after_us=5_000)
    traffic.flow(2, 1)
    since = traffic.targets[0].behave(errors=1)
    traffic.flow(10, 2)
    traffic.stop().within_budget()
    must(not traffic.failed(), f"{len(traffic.failed())} calls failed")
    must(any(one.target is traffic.targets[0] and one.at >= since for one in traffic.arrivals),
         "it was never called")
    return traffic.share(traffic.targets[0], since, skip=100)


def slowed(world, after):
    """One of three becomes ten times slower; the traffic, and when."""
    traffic = Traffic(world, rate(world, 1000), after_us=2_000)
    traffic.flow(5, 2)
    since = traffic.targets[0].behave(after_us=20_000)
    traffic.flow(after, 4)
    return traffic.stop(), since


@row("F66", 15, "%")
def slow_server(world):
    """one that is ten times slower gets 15 % of its fair share after 2 s"""
    traffic, since = slowed(world, 10)
    return 3 * traffic.share(traffic.targets[0], since + 2)


@row("F66.p99", 1.2, "times")
def latency_beside_a_slow_server(world):
    """the 99th percentile stays what it was without the slow one"""
    traffic, since = slowed(world, 10)
    before, after = ([call for call in traffic.calls if (call.issued >= since) is late]
                     for late in (False, True))
    return round(percentile(after, 0.99) / percentile(before, 0.99), 3)


@row("F66.hang", 0, "failed calls", smoke=True)
def hanging_server(world):
    """one that hangs with its socket open fails no call of an idempotent method that is hedged"""
    traffic = Traffic(world, 300, after_us=10_000, channel={
        "timeout": "2s", "idempotent": "true", "hedging": "p95"})
    traffic.flow(3, 1.5)
    since = traffic.targets[0].behave(hangs=1)
    traffic.flow(10, 2)
    traffic.stop().within_budget(HEDGE_SHARE, 0)
    must(any(one.target is traffic.targets[0] and one.at >= since for one in traffic.arrivals),
         "it was never called")
    return len(traffic.failed())


@row("F66.paused", 5 + 3, "failed calls")
def paused_server(world):
    """SIGSTOP fails what was under way (300/s of 10 ms) and five more, without hedges"""
    traffic = Traffic(world, 300, after_us=10_000, channel={"timeout": "1s"})
    traffic.flow(3, 1)
    traffic.targets[0].send(signal.SIGSTOP)
    traffic.flow(15, 5)
    traffic.stop()
    return len(traffic.failed())


@row("F67", 0, "ejections", smoke=True)
def errors_of_callers(world):
    """one that answers INVALID_ARGUMENT for ever is never ejected, and no such call is repeated"""
    traffic = Traffic(world, rate(world, 1000), after_us=5_000)
    victim = traffic.targets[0]
    since = victim.behave(errors=1, code="INVALID_ARGUMENT", after_us=5_000)
    traffic.flow(15, 3)
    traffic.stop()
    must({call.code for call in traffic.failed()} == {3}, "there are other errors, too")
    must(traffic.extra() == 0, "calls were repeated")
    must(traffic.share(victim, since) >= 20, f"it got {traffic.share(victim, since):.1f} %")
    return int("ejected" in traffic.caller.states(victim.address))


def storm(world, errors):
    """What servers receive per call while so many of all answers are errors."""
    traffic = Traffic(world, rate(world, 1000), after_us=5_000)
    traffic.flow(1, 0.5)
    since = max(target.behave(errors=errors, after_us=5_000) for target in traffic.targets)
    traffic.flow(10, 2)
    traffic.stop()
    must(traffic.failed(since), "no call failed")
    return round(1 + traffic.extra(since), 3)


@row("F68", 1.2, "of each call")
def half_fails(world):
    """while half of all answers are errors retries add a fifth of the load at most"""
    return storm(world, 0.5)


@row("F68.most", 1.1, "of each call", smoke=True)
def most_fails(world):
    """while 90 % of all answers are errors retries add a tenth of the load at most"""
    return storm(world, 0.9)


@row("F68.one", 0, "failed calls", smoke=True)
def one_mostly_fails(world):
    """1 of 3 of which 90 % are errors fails no call"""
    traffic = Traffic(world, rate(world, 1000), after_us=5_000)
    traffic.flow(1, 0.5)
    traffic.targets[0].behave(errors=0.9, after_us=5_000)
    traffic.flow(10, 2)
    traffic.stop().within_budget()
    return len(traffic.failed())


def restarted_in_turns(world, times):
    """kill -9 and a new process at the same address, one after the other; the traffic, and how long
    after its start each was called."""
    traffic = Traffic(world, rate(world, 2000), after_us=BUSY_US)
    called = []
    for index in range(times):
        traffic.flow(0.2 + world.upto(0.5), 0.3)
        traffic.targets[index % 3].kill()
        serving = traffic.restart(index % 3)
        new = traffic.targets[index % 3]
        until(lambda: new.journal.stat().st_size > 0, "the new one is called")
        called.append((new, serving))
    traffic.flow(1, 0.3)
    traffic.stop().within_budget()
    return traffic, [new.arrivals()[0].at - serving for new, serving in called]


@row("F69", 0, "failed calls", smoke=True)
def rolling_restart(world):
    """kill -9 and restart of all at their addresses, one after the other, fails no call"""
    traffic, _ = restarted_in_turns(world, 3 if world.brief else 20)
    must(any(call.attempts > 1 for call in traffic.calls) or traffic.failed(), "no call was under way")
    return len(traffic.failed())


@row("F69.traffic", 1.0)
def new_process_is_called(world):
    """a new process at the address of a dead one is called soon"""
    _, waited = restarted_in_turns(world, 3 if world.brief else 20)
    return max(0.0, *waited)
