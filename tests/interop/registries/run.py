#!/usr/bin/env python3
"""Lets a peer and brontes find each other through one registry.

usage: run.py BIN REGISTRY PEER PROGRAM [SERVER]     exit 0: as it should be, 1: not, 77: skipped
BIN has brontes and greeter. REGISTRY is served (`brontes registry`), etcd or consul, and SERVER the
program of the latter two. PEER is the name of who made PROGRAM: hephfx or rs-hestia.
"""
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

LIMIT = 30  # seconds; then a test has failed


class Process:
    """Its standard output line by line; its errors go to a file."""

    def __init__(self, folder, *command):
        handle, self.errors = tempfile.mkstemp(dir=folder)
        self.command = " ".join(map(str, command))
        self.child = subprocess.Popen(list(map(str, command)), text=True, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=handle)
        os.close(handle)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, wanted, what):
        """The first line that `wanted` likes."""
        seen = []
        try:
            while (line := self.lines.get(timeout=LIMIT)) is not None:
                seen.append(line)
                if wanted(line):
                    return line
        except queue.Empty:
            pass
        raise AssertionError(f"{self.command}: no line {what}; but {seen}; {self.said()}")

    def event(self, name, wanted=lambda _: True):
        line = self.wait_for(
            lambda line: json.loads(line)["event"] == name and wanted(json.loads(line)), name)
        return json.loads(line)

    def said(self):
        return pathlib.Path(self.errors).read_text()

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(timeout=LIMIT)
        assert code == 0, f"{self.command}: exit {code}: {self.said()}"

    def kill(self):
        self.child.kill()
        self.child.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    def __init__(self, bin_folder, registry, peer, program, server=None):
        self.bin, self.registry, self.peer, self.program = map(str, (bin_folder, registry, peer, program))
        self.server = server
        self.folder = tempfile.mkdtemp(prefix="brontes-interop-")
        self.processes = []

    def __enter__(self):
        getattr(self, f"start_{self.registry}")()
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *command):
        self.processes.append(Process(self.folder, *command))
        return self.processes[-1]

    def start_served(self):
        address = self.start(f"{self.bin}/brontes", "registry", "--listen", "127.0.0.1:0",
                             "--json").event("serving")["address"]
        self.url, self.endpoint = f"etcd://{address}", ("etcd", f"http://{address}")

    def start_etcd(self):
        client, other = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.start(self.server, "--data-dir", f"{self.folder}/data", "--listen-client-urls", client,
                   "--advertise-client-urls", client, "--listen-peer-urls", other,
                   "--initial-advertise-peer-urls", other, "--initial-cluster", f"default={other}")
        self.url, self.endpoint = f"etcd://{client[7:]}", ("etcd", client)

    def start_consul(self):
        http, *others = (free_port() for _ in range(4))
        ports = {"http": http, "serf_lan": others[0], "serf_wan": -1, "server": others[1],
                 "dns": -1, "grpc": -1}
        self.start(self.server, "agent", "-dev", "-bind", "127.0.0.1", "-data-dir",
                   f"{self.folder}/data", "-hcl", "ports {" + " ".join(
                       f"{name} = {port}" for name, port in ports.items()) + "}")
        self.url, self.endpoint = f"consul://127.0.0.1:{http}", ("consul", f"http://127.0.0.1:{http}")

    def brontes(self, *words):
        return self.start(f"{self.bin}/brontes", *words, "--registry", self.url, "--json")

    def greeter(self, *more):
        """Its address and process; registered if there is a --registry in `more`."""
        port = free_port()
        process = self.start(f"{self.bin}/greeter", "--listen", f"127.0.0.1:{port}", "--set",
                             "drain.min=0s", "--set", "log.format=json", *more)
        return f"127.0.0.1:{port}", process

    def run_peer(self, *words):
        done = subprocess.run([self.program, *self.endpoint, *words], text=True, timeout=LIMIT,
                              capture_output=True)
        assert done.returncode == 0, f"{words}: exit {done.returncode}: {done.stderr}"
        return done.stdout.split("\n")[:-1]

    def start_peer(self, *words):
        return self.start(self.program, *self.endpoint, *words)

    def register_peer(self, *words):
        process = self.start_peer("register", *words)
        process.wait_for(lambda line: line == "registered", "registered")
        return process


def ids(event):
    return sorted(instance["instance_id"] for instance in event["instances"])


def peer_is_found(world):
    """Registered, listed, watched, called and gone again."""
    # Who serves is not the peer's business here: one of ours that is not registered.
    address, _ = world.greeter("--set", "name=")
    watch = world.brontes("watch", "svc")
    watch.event("snapshot", lambda event: ids(event) == [])
    one = world.register_peer("svc", "v1", address, "peer-1")
    record = watch.event("snapshot", lambda event: ids(event) == ["peer-1"])["instances"][0]
    assert (record["address"], record["version"], record["protocol"], record["weight"]) == (
        address, "v1", "GRPC", 100), record
    assert record["metadata"]["from"] == world.peer, record
    two = world.register_peer("svc", "v2", "127.0.0.1:1", "peer-2")
    watch.event("snapshot", lambda event: ids(event) == ["peer-1", "peer-2"])
    # Versions are kept apart.
    listed = world.brontes("list", "svc/v1").event("snapshot")
    assert ids(listed) == ["peer-1"], listed
    call = world.brontes("call", "svc/v1", "Hello.Greeter/SayHello", '{"name":"you"}')
    call.wait_for(lambda line: "hello, you" in line, "hello, you")
    one.end()
    watch.event("snapshot", lambda event: ids(event) == ["peer-2"])
    two.end()
    watch.event("snapshot", lambda event: ids(event) == [])


def peer_finds(world):
    """Finds, picks, watches and calls nodes of ours, versions kept apart."""
    watch = world.brontes("watch", "greeter")
    first, one = world.greeter("--registry", world.url, "--set", "version=v1")
    second, two = world.greeter("--registry", world.url, "--set", "version=v1")
    third, _ = world.greeter("--registry", world.url, "--set", "version=v2")
    all_three = watch.event("snapshot", lambda event: len(event["instances"]) == 3)
    by_address = {i["address"]: i["instance_id"] for i in all_three["instances"]}
    listed = sorted(world.run_peer("list", "greeter", "v1"))
    assert listed == sorted(f"{by_address[a]} {a} v1 100" for a in (first, second)), listed
    listed = world.run_peer("list", "greeter", "v2")
    assert listed == [f"{by_address[third]} {third} v2 100"], listed
    picked = world.run_peer("pick", "greeter", "v1", "4")
    assert sorted(picked) == sorted([first, second] * 2), picked
    assert world.run_peer("call", "greeter/v1", "4") == [f"hello, {world.peer}"] * 4
    theirs = world.start_peer("watch", "greeter", "v1")
    both = "[" + " ".join(sorted(by_address[a] for a in (first, second))) + "]"
    theirs.wait_for(lambda line: line == both, both)
    one.end()
    left = f"[{by_address[second]}]"
    theirs.wait_for(lambda line: line == left, left)
    assert [line.split()[1] for line in world.run_peer("list", "greeter", "v1")] == [second]
    two.end()


def main():
    bin_folder, registry, peer, program, *server = sys.argv[1:]
    if not pathlib.Path(program).exists():
        print(f"skipped: {program} was not built: see the test interop_registry_{peer}_build")
        return 77
    if registry != "served" and not (server and os.access(server[0], os.X_OK)):
        print(f"skipped: {registry} is not installed (tools/setup.sh test)")
        return 77
    try:
        for story in (peer_is_found, peer_finds):
            with World(bin_folder, registry, peer, program, *server) as world:
                story(world)
    except AssertionError as why:
        print(f"failed: {story.__doc__} {why}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
