"""Children: servers, and programs of ours whose events are read as they come."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time

HANG = 60  # seconds; nothing that works takes as long
TICK = 0.01
ENDS = [float("inf")]  # by time.monotonic(): nothing is waited for after it


class Failure(Exception):
    """The row does not hold."""


class Unready(Exception):
    """A server did not start: the row says nothing."""


class OutOfTime(Exception):
    """This run has taken all the time that it was given."""


def waited_until(limit):
    """When a wait that begins now and may take `limit` seconds has to end."""
    return min(time.monotonic() + limit, ENDS[0])


def give_up(why):
    raise OutOfTime(why) if time.monotonic() >= ENDS[0] else Failure(why)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(is_so, what, limit=HANG):
    """When it was so, by time.monotonic(); Failure after `limit`."""
    end = waited_until(limit)
    while not is_so():
        if time.monotonic() > end:
            give_up(f"not within {limit:g} s: {what}")
        time.sleep(TICK)
    return time.monotonic()


class Child:
    """A process that does not outlive this one. Its errors go to a file."""

    def __init__(self, folder, command, **more):
        handle, self.errors = tempfile.mkstemp(dir=folder)
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.command], text=True,
                                        stdin=subprocess.DEVNULL, stderr=handle, **more)
        os.close(handle)

    def send(self, what):
        self.process.send_signal(what)

    def kill(self):
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGKILL)
        self.process.wait(HANG)

    def said(self):
        return pathlib.Path(self.errors).read_text(errors="replace")[-500:].strip()

    def lines(self):
        return pathlib.Path(self.errors).read_text(errors="replace").splitlines()

    def alive(self):
        return self.process.poll() is None

    def cpu(self):
        """Seconds that its threads have run, to the nanosecond."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


class Subject(Child):
    """`brontes COMMAND --json`: what it tells, and when by its own clock."""

    def __init__(self, folder, command, tells=True):
        super().__init__(folder, command, stdout=subprocess.PIPE if tells else subprocess.DEVNULL)
        self.told = []  # events, in order
        self.heard = []  # when each of them arrived
        self.began = float("inf")  # its at_ms 0, by time.monotonic()
        self.changed = threading.Condition()
        if tells:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            arrived = time.monotonic()
            event = json.loads(line)
            with self.changed:
                # The quickest line of all tells best when it began.
                self.began = min(self.began, arrived - event["at_ms"] / 1000)
                self.told.append(event)
                self.heard.append(arrived)
                self.changed.notify_all()

    def mark(self):
        """Where we are: for wait() and since()."""
        with self.changed:
            return len(self.told)

    def since(self, mark=0, name=None):
        with self.changed:
            return [event for event in self.told[mark:] if name in (None, event["event"])]

    def when(self, event):
        with self.changed:
            return self.began + event["at_ms"] / 1000

    def wait(self, name, wanted=lambda event: True, mark=0, limit=HANG):
        """The first such event after the mark."""
        def found():
            return next((event for event in self.told[mark:]
                         if event["event"] == name and wanted(event)), None)
        with self.changed:
            if not self.changed.wait_for(found, waited_until(limit) - time.monotonic()):
                told = [event["event"] for event in self.told[mark:]][-20:]
                give_up(f"{' '.join(self.command[1:3])} never tells '{name}' as wanted within "
                        f"{limit:g} s, only {told} {self.said()}")
            return found()

    def removed(self, mark=0):
        """Ids that left the state at any time."""
        gone, before = set(), None
        for event in self.since(mark, "snapshot"):
            now = {instance["instance_id"] for instance in event["instances"]}
            gone |= (before or set()) - now
            before = now
        return gone


def ids(event):
    return {instance["instance_id"] for instance in event["instances"]}
