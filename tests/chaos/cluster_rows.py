"""Leaders, quorums and networks: F16, F43 to F45, F61."""
import http.client
import time

from processes import ids, until
from rows import must, row
from watch_rows import live
from world import LONG_TTL


def stands_untouched(etcd, before, member=0):
    after = etcd.range("/p/svc/a", member=member).get("kvs", [{}])[0]
    return (after.get("create_revision"), after.get("lease")) == (
        before["create_revision"], before["lease"])


def put_if_possible(etcd, member):
    """Tried often: what was on its way to a leader that died is answered only after 7 s."""
    try:
        return etcd.put("n", member=member, timeout=0.2)
    except (OSError, http.client.HTTPException):
        return None


@row("F16", 0, "losses", smoke=True)
def stalled_member(world):
    """a member whose answers stop is left for another one before the lease ends"""
    etcd = world.etcd(3)
    proxies = [world.proxy(etcd, member) for member in range(3)]
    one = world.register("a", *proxies, ttl=LONG_TTL)
    before = etcd.records()["svc/a"]
    world.any_phase()
    proxies[max(range(3), key=lambda i: len(proxies[i].connects))].set(stalled=("down",))
    time.sleep(2 * LONG_TTL)
    return len(one.since(name="lost")) + (not stands_untouched(etcd, before))


@row("F43", 2.5)
def killed_leader(world):
    """the death of the leader costs no record, and consumers hear again soon"""
    etcd = world.etcd(3)
    one = world.register("a", etcd, ttl=LONG_TTL)
    watch = world.watch(etcd, expect=1)
    before = etcd.records()["svc/a"]
    leader = etcd.leader()
    other = (leader + 1) % 3
    world.any_phase()
    mark = watch.mark()
    killed = time.monotonic()
    etcd.kill(leader)
    until(lambda: put_if_possible(etcd, other), "there is a new leader")
    heard = watch.when(watch.wait("snapshot", lambda event: "n" in ids(event), mark))
    time.sleep(LONG_TTL)
    lost = one.since(name="lost")
    must(not lost and not watch.removed(), f"the record was lost: {lost} {watch.removed()}")
    must(stands_untouched(etcd, before, other), "it was put anew")
    return heard - killed


def without_quorum(world, length):
    """How long it takes until a consumer is told; Failure if anything is lost."""
    etcd = world.etcd(3)
    one = world.register("a", etcd, ttl=LONG_TTL)
    watch = world.watch(etcd, expect=1)
    before = etcd.records()["svc/a"]
    world.any_phase()
    mark = watch.mark()
    began = time.monotonic()
    for member in (0, 1):
        etcd.kill(member)
    stale = watch.when(watch.wait("stale", mark=mark)) - began
    time.sleep(length)
    for member in (0, 1):
        etcd.launch(member)
    etcd.wait_ready()
    live(watch, mark)
    time.sleep(LONG_TTL)
    lost = one.since(name="lost")
    must(not lost and not watch.removed(), f"the record was lost: {lost} {watch.removed()}")
    must(stands_untouched(etcd, before), "it was put anew")
    return stale


@row("F45", 0, "losses", smoke=True)
def lost_quorum(world):
    """a quorum that is lost for longer than the ttl costs no record"""
    without_quorum(world, LONG_TTL + 2 if world.brief else 30)
    return 0


@row("F45.stale", 5.0)
def told_of_a_lost_quorum(world):
    """consumers are told when there is no quorum"""
    return without_quorum(world, 1)


@row("F61", 10, "connects/s", smoke=True)
def storm_of_resets(world):
    """resets without end stop no progress, skip nothing and make no storm"""
    etcd = world.etcd()
    proxy = world.proxy(etcd)
    one = world.register("a", proxy)
    watch = world.watch(proxy, expect=1)
    proxy.connects.clear()
    mark, end, change = watch.mark(), time.monotonic() + (15 if world.brief else 60), 0
    while time.monotonic() < end:
        proxy.cut()
        change += 1
        etcd.put("n", change)
        time.sleep(0.5)
    busiest = proxy.busiest_second()
    seen = {instance["weight"] for event in watch.since(mark, "snapshot")
            for instance in event["instances"] if instance["instance_id"] == "n"}
    must(len(seen) >= change / 12, f"of {change} states only {len(seen)} were seen")
    watch.wait("snapshot", lambda event: any(i["weight"] == change for i in event["instances"]))
    must(not watch.removed() and not one.since(name="lost"), "a record was lost")
    return busiest / 2  # of each of the two clients
