"""Agents of Consul: F51 to F53, F55."""
import signal
import time

from processes import ids
from rows import must, row
from watch_rows import live
from world import PERIOD, TTL


def restart(world):
    """How long it takes until a consumer is live; Failure if anything is lost."""
    consul = world.consul()
    one = world.register("a", consul)
    watch = world.watch(consul, expect=1)
    world.any_phase()
    mark = watch.mark()
    consul.kill()
    watch.wait("stale", mark=mark)
    time.sleep(world.upto(3))
    up = consul.start()
    back = live(watch, mark) - up
    consul.until(["a"])
    must(one.alive() and not watch.removed(), f"removed: {watch.removed()}")
    return back


@row("F51", 0, "losses", needs="consul", smoke=True)
def restart_that_keeps_the_data(world):
    """an agent that was killed and started again has lost nobody"""
    restart(world)
    return 0


@row("F51.live", 5.0, needs="consul")
def live_after_a_restart(world):
    """soon after an agent was started again consumers are live"""
    return restart(world)


@row("F52", PERIOD + 0.4, needs="consul")
def forgetful_agent(world):
    """an agent that lost its state has everybody back"""
    consul = world.consul()
    names = ["p0", "p1", "p2"]
    for name in names:
        world.register(name, consul)
    watch = world.watch(consul, expect=3)
    world.any_phase()
    consul.forget()
    up = consul.start()
    back = consul.until(names) - up
    time.sleep(2)
    must(not watch.removed(), f"removed: {watch.removed()}")
    return back


@row("F53", 1.0, needs="consul")
def fallen_index(world):
    """servers whose index fell are believed, not waited for"""
    consul = world.consul()
    for turn in range(20):  # so that the index is one that the new servers will not soon reach
        consul.ask("PUT", f"/v1/kv/turn?flags={turn}")
    world.register("a", consul)
    proxy = world.proxy(consul)
    watch = world.watch(proxy, expect=1)
    world.any_phase()
    mark = watch.mark()
    proxy.set(refuse=True)
    consul.forget()
    consul.start()
    consul.until(["a"])
    world.register("b", consul)
    proxy.connects.clear()
    proxy.set()
    seen = watch.when(watch.wait("snapshot", lambda event: ids(event) == {"a", "b"}, mark))
    must(not watch.removed(), f"removed: {watch.removed()}")
    return seen - next(at for at in proxy.connects)


@row("F55", TTL + 0.1 + 0.05, needs="consul")
def paused_provider(world):
    """a process that was paused for longer than its ttl is gone, and back soon after it goes on"""
    consul = world.consul()
    one, _ = world.register("a", consul), world.register("b", consul)
    watch = world.watch(consul, expect=2)
    world.any_phase()
    mark = watch.mark()
    paused = time.monotonic()
    one.send(signal.SIGSTOP)
    gone = watch.when(watch.wait("snapshot", lambda event: ids(event) == {"b"}, mark)) - paused
    mark = watch.mark()
    goes_on = time.monotonic()
    one.send(signal.SIGCONT)
    back = watch.when(watch.wait("snapshot", lambda event: ids(event) == {"a", "b"}, mark))
    must(back - goes_on <= 1.0, f"it is back only after {back - goes_on:.2f} s")
    return gone


@row("F56", 5.0, needs="consul")
def refusing_agent(world):
    """an agent that resets every connection is not run down, and found again"""
    consul = world.consul()
    proxy = world.proxy(consul)
    watch = world.watch(proxy)
    watch.wait("snapshot")
    proxy.set(refuse=True)
    time.sleep(3)
    proxy.connects.clear()
    world.wait(20, 8)
    busiest = proxy.busiest_second()
    must(busiest <= 2, f"{busiest} connections in one second")
    mark = watch.mark()
    proxy.set()
    healed = time.monotonic()
    return live(watch, mark) - healed
