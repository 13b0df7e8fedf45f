"""What a consumer sees of an etcd that forgets, restarts or is wiped: F21 to F26, F38, F62."""
import time

from etcd import PREFIX
from processes import Unready, ids, until
from rows import must, row
from world import PERIOD

SILENCE = 15  # seconds after which a peer that says nothing is given up


def whole(subject, wanted, mark=0, limit=60):
    """When it was told of exactly these ids."""
    return subject.when(subject.wait("snapshot", lambda event: ids(event) == set(wanted), mark,
                                     limit))


def live(subject, mark):
    return subject.when(subject.wait("live", mark=mark))


@row("F21", 1.0)
def compacted_while_cut_off(world):
    """history that was compacted behind a black hole is listed anew, and only the difference shows"""
    count, changes = (500, 500) if world.brief else (10_000, 5_000)
    etcd = world.etcd()
    etcd.put_many(f"r{i}" for i in range(count))
    proxy = world.proxy(etcd)
    watch = world.watch(proxy, expect=count)
    mark = watch.mark()
    proxy.set(stalled=("up", "down"))
    watch.wait("stale")
    time.sleep(world.upto(3))
    etcd.put_many((f"r{i % count}" for i in range(changes - 3)), 2)
    for gone in ("r1", "r2"):
        etcd.delete(gone)
    etcd.put("new")
    etcd.compact()
    contact = len(proxy.connects)
    proxy.set()
    wanted = {f"r{i}" for i in range(count)} - {"r1", "r2"} | {"new"}
    back = whole(watch, wanted, mark)
    must(watch.removed(mark) <= {"r1", "r2"}, f"removed: {len(watch.removed(mark))}")
    must(len({event["epoch"] for event in watch.since(name="snapshot")}) == 1, "another epoch")
    # What was on the way when it healed is an attempt, too.
    began = max([at for at in proxy.connects[contact:contact + 1]], default=None)
    return back - (began or back)


@row("F22", 4.5, smoke=True)
def removal_at_the_compacted_revision(world):
    """a removal at exactly the compacted revision is seen"""
    etcd = world.etcd()
    etcd.put_many(["a", "b", "c"])
    proxy = world.proxy(etcd)
    watch = world.watch(proxy, expect=3)
    # The watch knows everything up to here, its own mark in etcd too, and nothing else happens but
    # the removal: so the next revision is the compacted one.
    until(lambda: etcd.range(f"{PREFIX}/_epoch").get("kvs"), "the watch put its mark")
    etcd.put("a", 2)
    known = watch.wait("snapshot", lambda event: any(i["weight"] == 2 for i in event["instances"]))
    if known["revision"] != etcd.revision():
        raise Unready("something else happened in etcd")
    mark = watch.mark()
    proxy.set(refuse=True)
    time.sleep(1 + world.upto(1))
    etcd.delete("b")
    etcd.compact()
    proxy.set()
    healed = time.monotonic()
    return max(0.0, whole(watch, {"a", "c"}, mark, limit=20) - healed)


@row("F23", 0, "losses", smoke=True)
def between_list_and_watch(world):
    """what happens between the list and the watch is not lost"""
    etcd = world.etcd()
    etcd.put_many(f"r{i}" for i in range(50))
    proxy = world.proxy(etcd)
    watch = world.watch(proxy)
    # Lists have a connection of their own; that of the watch comes second, and is held.
    until(lambda: proxy.connects, "it lists")
    proxy.set(hold_new=2.0)
    watch.wait("snapshot", lambda event: len(event["instances"]) == 50)
    until(lambda: len(proxy.connects) == 2, "it watches")
    for i in range(25):
        etcd.delete(f"r{i}")
        etcd.put(f"n{i}")
    whole(watch, {f"r{i}" for i in range(25, 50)} | {f"n{i}" for i in range(25)})
    return 0


def restarts(world, rounds):
    """How long it takes at most until a consumer is live after one; Failure if anything is lost."""
    etcd = world.etcd()
    ones = [world.register(f"p{i}", etcd) for i in range(3)]
    watch = world.watch(etcd, expect=3)
    longest = 0
    for turn in range(rounds):
        mark = watch.mark()
        etcd.kill()
        time.sleep(1 + world.upto(2))
        up = etcd.start()
        etcd.put(f"n{turn}")
        seen = watch.wait("snapshot", lambda event: f"n{turn}" in ids(event), mark)
        longest = max(longest, watch.when(seen) - up)
    must(not watch.removed(), f"removed: {watch.removed()}")
    must(not [one for one in ones if one.since(name="lost")], "a record was lost")
    revisions = [event["revision"] for event in watch.since(name="snapshot")]
    must(revisions == sorted(revisions), f"revisions {revisions}")
    return longest


@row("F24", 0, "losses", smoke=True)
def restart_that_keeps_the_data(world):
    """an etcd that was killed and started again is followed on: nothing twice, nothing skipped"""
    restarts(world, 2)
    return 0


@row("F24.live", 3.5)
def live_after_restarts(world):
    """soon after an etcd was started again its changes are heard"""
    return restarts(world, 10)


@row("F25", PERIOD + 2.5)
def wiped(world):
    """a wiped etcd has everybody back, and no consumer loses anybody"""
    etcd = world.etcd()
    names = [f"p{i}" for i in range(5)]
    for name in names:
        world.register(name, etcd)
    watch = world.watch(etcd, expect=5)
    world.any_phase()
    mark = watch.mark()
    up = etcd.wipe()
    back = etcd.until(names) - up
    changed = watch.wait("snapshot", lambda event: event["epoch"] > 1, mark)
    must(watch.when(changed) - up <= 3.5 + 1, "the wipe is seen late")
    time.sleep(3)
    must(not watch.removed(), f"removed: {watch.removed()}")
    return back


@row("F26", PERIOD + 3.0)
def restored(world):
    """an older state that was restored is followed, and its owners put their records again"""
    etcd = world.etcd()
    names = ["p0", "p1", "p2"]
    for name in names:
        world.register(name, etcd)
    watch = world.watch(etcd, expect=3)
    etcd.save()
    for change in range(500):
        etcd.put(f"n{change % 20}", change + 1)
    watch.wait("snapshot", lambda event: len(event["instances"]) == 23)
    world.any_phase()
    mark = watch.mark()
    up = etcd.restore()
    etcd.delete("p1")  # whoever looks after it puts it again
    back = etcd.until(names) - up
    watch.wait("snapshot", lambda event: event["epoch"] > 1, mark)
    time.sleep(2)
    must(not watch.removed() & set(names), f"removed: {watch.removed()}")
    return back


@row("F38", 13.0)
def paused_server(world):
    """an etcd that stands still is noticed, and nothing is lost"""
    etcd = world.etcd()
    etcd.put_many(["a", "b"])
    watch = world.watch(etcd, expect=2)
    world.any_phase()
    mark = watch.mark()
    etcd.pause()
    paused = time.monotonic()
    stale = watch.when(watch.wait("stale", mark=mark)) - paused
    etcd.resume()
    goes_on = time.monotonic()
    must(live(watch, mark) - goes_on <= 3.5, "it is live too late")
    etcd.put("c")
    whole(watch, {"a", "b", "c"}, mark)
    must(not watch.removed(), f"removed: {watch.removed()}")
    return stale


@row("F62", 0, "wrong states", smoke=True)
def flipped_bits(world):
    """flipped bits end no process and stay in no consumer's state"""
    etcd = world.etcd()
    etcd.put_many(f"r{i}" for i in range(20))
    proxy = world.proxy(etcd)
    watch = world.watch(proxy, expect=20)
    proxy.set(corrupt=2000)
    for change in range(50 if world.brief else 300):
        etcd.put(f"r{change % 20}", change + 2)
        time.sleep(0.02)
    must(watch.alive(), f"it ended: {watch.said()}")
    proxy.set(refuse=True)
    time.sleep(0.2)
    proxy.set()
    etcd.put("last")
    last = ids(watch.wait("snapshot", lambda event: "last" in ids(event)))
    return len(last ^ ({f"r{i}" for i in range(20)} | {"last"}))
