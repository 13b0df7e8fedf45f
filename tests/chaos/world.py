"""One play of a row: a registry, a proxy before it, programs of ours; and chance, by a seed."""
import os
import pathlib
import random
import shutil
import tempfile
import time

from consul import Consul
from etcd import PREFIX, Etcd
from processes import Subject
from proxy import Proxy

TTL = 6.0            # T
PERIOD = TTL / 3     # K, of renewals
LONG_TTL = 2 * TTL   # where losses are counted: a busy machine soon loses a second of a short one
WINDOW = 0.05        # C, of coalescing
ELECTION = 1.0       # E


class World:
    def __init__(self, tools, seed, brief):
        self.tools, self.brief = tools, brief
        self.random = random.Random(seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="brontes-chaos-"))
        self.subjects, self.proxies, self.servers = [], [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.subjects:
            one.kill()
        for one in self.proxies + self.servers:
            one.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def complaints(self):
        """What servers said last of a machine that is too slow for them, or of worse."""
        lines = [line for server in self.servers for line in server.said()
                 if any(word in line for word in ("took too long", "overloaded", "panic", "[ERR]"))]
        return "".join(f"; server: {line.strip()[-160:]}" for line in lines[-2:])

    def etcd(self, size=1, started=True):
        self.servers.append(Etcd(self.folder, self.tools.etcd, size, started))
        return self.servers[-1]

    def consul(self):
        self.servers.append(Consul(self.folder, self.tools.consul))
        return self.servers[-1]

    def proxy(self, server, member=0):
        target = server.address(member) if isinstance(server, Etcd) else server.address()
        self.proxies.append(Proxy(target, self.random.randrange(1 << 30)))
        return self.proxies[-1]

    def proxy_of(self, port):
        """Before a server that is to listen on that port of this machine."""
        self.proxies.append(Proxy(("127.0.0.1", port), self.random.randrange(1 << 30)))
        return self.proxies[-1]

    def adopt(self, subject):
        """It does not outlive this world."""
        self.subjects.append(subject)
        return subject

    def file(self, name):
        """Of nobody else's."""
        handle, path = tempfile.mkstemp(dir=self.folder, prefix=f"{name}-")
        os.close(handle)
        return pathlib.Path(path)

    def url(self, *through):
        """Of servers, whole, or of proxies."""
        addresses, scheme = [], "etcd"
        for one in through:
            if isinstance(one, Etcd):
                addresses += [f"127.0.0.1:{port}" for port, _ in one.ports]
            elif isinstance(one, Consul):
                scheme, addresses = "consul", [f"127.0.0.1:{one.ports[0]}"]
            else:
                scheme = "consul" if one.target in [s.address() for s in self.servers
                                                    if isinstance(s, Consul)] else scheme
                addresses.append(one.address)
        return f"{scheme}://{','.join(addresses)}?prefix={PREFIX}"

    def brontes(self, *words):
        self.subjects.append(Subject(self.folder, [f"{self.tools.bin}/brontes", *words, "--json"]))
        return self.subjects[-1]

    def register(self, one, *through, wait=True, ttl=TTL):
        subject = self.brontes("register", "--registry", self.url(*through), "--name", "svc", "--id",
                               one, "--address", "127.0.0.1:9", "--ttl", str(int(ttl)))
        if wait:
            subject.wait("registered")
        return subject

    def watch(self, *through, expect=None):
        """`expect`: how many instances it must know of before anything goes wrong."""
        subject = self.brontes("watch", "svc", "--registry", self.url(*through))
        if expect is not None:
            subject.wait("snapshot", lambda event: len(event["instances"]) == expect)
        return subject

    def greeter(self, name, *through):
        """A node that serves, announced as an instance of that name."""
        self.subjects.append(Subject(self.folder, [
            f"{self.tools.bin}/greeter", "--listen", "127.0.0.1:0", "--registry",
            self.url(*through), "--set", f"name={name}", "--set", "version=", "--set",
            f"ttl={int(TTL)}s", "--set", "drain.min=0s"], tells=False))
        return self.subjects[-1]

    def any_phase(self):
        """What follows strikes anywhere in a renewal period."""
        time.sleep(self.random.uniform(0.2, 0.2 + PERIOD))

    def upto(self, seconds):
        return self.random.uniform(0, seconds)

    def wait(self, whole, brief):
        """Waits: the whole time, or where time is short the brief one."""
        time.sleep(brief if self.brief else whole)
