"""Leases and registrations, on etcd: F01 to F20, F39."""
import signal
import time

from processes import ids, until
from rows import must, row
from world import LONG_TTL, PERIOD, TTL


@row("F02", 1.0)
def paused_longer_than_ttl(world):
    """a process that was paused for longer than its ttl is registered again"""
    etcd = world.etcd()
    one = world.register("a", etcd)
    world.any_phase()
    began = time.monotonic()
    one.send(signal.SIGSTOP)
    gone = etcd.until([]) - began
    must(gone <= TTL + 0.8, f"its record was there for {gone:.2f} s")
    time.sleep(max(0, began + TTL + 3 - time.monotonic()))
    mark = one.mark()
    goes_on = time.monotonic()
    one.send(signal.SIGCONT)
    back = etcd.until(["a"]) - goes_on
    one.wait("reregistered", mark=mark)
    return back


@row("F03", 0, "losses", smoke=True)
def paused_shorter_than_ttl(world):
    """a process that was paused for less than half its ttl loses nothing"""
    etcd = world.etcd()
    one = world.register("a", etcd, ttl=LONG_TTL)
    before = etcd.records()["svc/a"]
    world.any_phase()
    one.send(signal.SIGSTOP)
    time.sleep(LONG_TTL * 0.4)
    one.send(signal.SIGCONT)
    time.sleep(LONG_TTL)
    after = etcd.records().get("svc/a", {"create_revision": "none"})
    return len(one.since(name="lost")) + (after["create_revision"] != before["create_revision"])


@row("F04", 0.4)
def revoked_lease(world):
    """a revoked lease is granted anew and the record put again"""
    etcd = world.etcd()
    one = world.register("a", etcd)
    world.any_phase()
    lease = one.since(name="registered")[0]["lease"]
    revoked = time.monotonic()
    etcd.revoke(lease)
    back = one.when(one.wait("reregistered"))
    must(etcd.records()["svc/a"]["lease"] != str(int(lease, 16)), "the lease is the old one")
    return back - revoked


@row("F05", 0.05)
def deleted_key(world):
    """a key that somebody deleted is put back under the same lease"""
    etcd = world.etcd()
    one = world.register("a", etcd)
    world.any_phase()
    before = etcd.records()["svc/a"]
    deleted = time.monotonic()
    etcd.delete("a")
    back = one.when(one.wait("reregistered"))
    must(etcd.records()["svc/a"]["lease"] == before["lease"], "the lease is another one")
    return back - deleted


@row("F12", 2.0)
def registry_comes_late(world):
    """an etcd that comes 20 s after the process has its record"""
    etcd = world.etcd(started=False)
    one = world.register("a", etcd, wait=False)
    world.wait(20 + world.upto(PERIOD), 6 + world.upto(PERIOD))
    up = etcd.start()
    return max(0.0, one.when(one.wait("registered")) - up)


@row("F15", 0, "losses", smoke=True)
def slow_renewals(world):
    """renewals that are answered after 0.4 ttl end no lease"""
    etcd = world.etcd()
    proxy = world.proxy(etcd)
    one = world.register("a", proxy)
    before = etcd.records()["svc/a"]["create_revision"]
    # Not more: a connection whose pings are answered after 3 s counts as dead.
    proxy.set(delay=TTL * 0.4)
    world.wait(5 * TTL, 3 * TTL)
    after = etcd.records().get("svc/a", {"create_revision": "none"})["create_revision"]
    return len(one.since(name="lost")) + (after != before)


@row("F17", 2.0)
def lost_answer(world):
    """a put whose answer is lost is repeated: one key, one lease"""
    etcd = world.etcd()
    proxy = world.proxy(etcd)
    proxy.set(hold_new=0.3)  # so that the fault is set before the first answer
    one = world.register("a", proxy, wait=False)
    until(lambda: proxy.connects, "it connects")
    proxy.set(lost_answers=1)
    lost = until(lambda: proxy.faults.lost_answers == 0, "an answer is lost")
    back = one.when(one.wait("registered"))
    time.sleep(TTL + 1)
    leases = etcd.ask("/v3/lease/leases", {}).get("leases", [])
    must(len(leases) == 1 and set(etcd.records()) == {"svc/a"}, f"leases {leases} {etcd.records()}")
    return back - lost


@row("F20", 2.5)
def long_outage(world):
    """after a long outage the keeper is still there"""
    etcd = world.etcd()
    one = world.register("a", etcd)
    world.any_phase()
    etcd.kill()
    world.wait(60 + world.upto(3), 12 + world.upto(3))
    up = etcd.start()
    # An etcd that starts again gives all leases their whole ttl: the record is still there. So it is
    # taken away, and comes back when the keeper is.
    etcd.delete("a")
    back = etcd.until(["a"]) - up
    time.sleep(TTL + 1)
    must(set(etcd.records()) == {"svc/a"} and one.alive(), "it was put back, but is not kept")
    return back


@row("F20.cpu", 0.1, "%")
def cpu_of_an_outage(world):
    """while etcd is away a registered process runs little more than while it is there"""
    etcd = world.etcd()
    one = world.register("a", etcd, ttl=15)  # the default; what is shorter is renewed more often
    share = []
    for away in (False, True):
        if away:
            etcd.kill()
            time.sleep(20)
        begin, spent = time.monotonic(), one.cpu()
        world.wait(60, 20)
        share.append(100 * (one.cpu() - spent) / (time.monotonic() - begin))
    return share[1] - share[0]


@row("F39", 0.05)
def deleted_prefix(world):
    """when an operator deletes everything, everything is put back and no consumer loses anybody"""
    etcd = world.etcd()
    ones = [world.register(f"p{i}", etcd) for i in range(5)]
    watch = world.watch(etcd, expect=5)
    world.any_phase()
    mark = watch.mark()
    deleted = time.monotonic()
    etcd.delete_all()
    back = max(one.when(one.wait("reregistered")) for one in ones)
    time.sleep(3)
    must(not watch.removed(mark - 1), f"removed: {watch.removed(mark - 1)}")
    must(ids(watch.since(name="snapshot")[-1]) == {f"p{i}" for i in range(5)}, "not all are back")
    return back - deleted
