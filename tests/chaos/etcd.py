"""etcd as Debian has it: one member or three, spoken to past every proxy."""
import base64
import http.client
import json
import pathlib
import shutil
import signal
import subprocess

from processes import HANG, Child, Failure, Unready, free_port, until

PREFIX = "/p"
NOWHERE = "10.0.0.1:80"


def encode(text):
    return base64.b64encode(text.encode()).decode()


class Etcd:
    def __init__(self, folder, program, size=1, started=True):
        self.folder, self.program, self.size = pathlib.Path(folder), program, size
        for _ in range(5):  # somebody may have been quicker with the ports
            self.ports = [(free_port(), free_port()) for _ in range(size)]
            self.children = [None] * size
            self.kept = {}
            if not started:
                return
            for member in range(size):
                self.launch(member)
            if self.begins():
                return
            self.close()
            for member in range(size):
                shutil.rmtree(self.folder / f"m{member}", ignore_errors=True)
        raise Unready("etcd does not start")

    def begins(self):
        """False when one of them ended, as it does without its ports; one that is only slow is not
        started once more."""
        def serves():
            return not all(child.alive() for child in self.children) or self.answers()
        try:
            until(serves, "etcd answers")
        except Failure as why:
            raise Unready(str(why)) from why
        return all(child.alive() for child in self.children)

    def address(self, member=0):
        return ("127.0.0.1", self.ports[member][0])

    def launch(self, member=0, *more):
        client, peer = (f"http://127.0.0.1:{port}" for port in self.ports[member])
        cluster = ",".join(f"m{i}=http://127.0.0.1:{ports[1]}" for i, ports in enumerate(self.ports))
        self.children[member] = Child(self.folder, [
            self.program, "--name", f"m{member}", "--data-dir", self.folder / f"m{member}",
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", cluster, *more], stdout=subprocess.DEVNULL)

    def answers(self):
        """Reads that need a quorum."""
        try:
            return bool(self.range("none"))
        except (OSError, http.client.HTTPException):
            return False

    def wait_ready(self):
        """When it answers."""
        return until(self.answers, "etcd answers", 30)

    def start(self, member=0):
        self.launch(member)
        return self.wait_ready()

    def kill(self, member=0):
        self.children[member].kill()

    def wipe(self):
        """When it serves again, without data."""
        self.kill()
        shutil.rmtree(self.folder / "m0")
        return self.start()

    def save(self):
        self.ctl("snapshot", "save", self.folder / "saved")

    def restore(self):
        self.kill()
        shutil.rmtree(self.folder / "m0")
        peer = f"http://127.0.0.1:{self.ports[0][1]}"
        self.ctl("snapshot", "restore", self.folder / "saved", "--data-dir", self.folder / "m0",
                 "--name", "m0", "--initial-cluster", f"m0={peer}",
                 "--initial-advertise-peer-urls", peer)
        return self.start()

    def ctl(self, *words):
        subprocess.run(["etcdctl", f"--endpoints=127.0.0.1:{self.ports[0][0]}", *map(str, words)],
                       env={"ETCDCTL_API": "3", "PATH": "/usr/bin:/bin"}, check=True, timeout=HANG,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pause(self, member=0):
        self.children[member].send(signal.SIGSTOP)

    def resume(self, member=0):
        self.children[member].send(signal.SIGCONT)

    def close(self):
        for child in self.children:
            if child:
                child.kill()

    def said(self):
        return [line for child in self.children if child for line in child.lines()]

    def ask(self, path, body, member=0, timeout=10):
        """Over JSON; connections are kept, one for each member."""
        for fresh in (False, True):
            line = None if fresh else self.kept.pop(member, None)
            fresh = fresh or line is None
            line = line or http.client.HTTPConnection(*self.address(member), timeout=timeout)
            if line.sock:
                line.sock.settimeout(timeout)
            try:
                line.request("POST", path, json.dumps(body))
                answer = line.getresponse()
                said = json.loads(answer.read())
                if answer.status != 200:
                    raise http.client.HTTPException(f"{path}: {said}")
                self.kept[member] = line
                return said
            except TimeoutError:  # what did not come in time has had its time
                line.close()
                raise
            except (OSError, http.client.RemoteDisconnected, http.client.CannotSendRequest):
                line.close()
                if fresh:
                    raise

    def range(self, key, end=None, member=0):
        return self.ask("/v3/kv/range", {"key": encode(key)} | (
            {"range_end": encode(end)} if end else {}), member)

    def records(self):
        """By the key without the prefix: value, create_revision, mod_revision, lease."""
        found = self.range(f"{PREFIX}/svc/", f"{PREFIX}/svc0").get("kvs", [])
        return {base64.b64decode(pair["key"]).decode()[len(PREFIX) + 1:]: pair for pair in found}

    def until(self, keys, limit=60):
        """When exactly these ids of "svc" stand there."""
        wanted = {f"svc/{one}" for one in keys}

        def stand():
            try:
                return set(self.records()) == wanted
            except (OSError, http.client.HTTPException):
                return False
        return until(stand, f"etcd has {sorted(wanted)}", limit)

    def put(self, one, revision=1, member=0, timeout=10, address=NOWHERE):
        """`revision` becomes its weight, to tell one state from the next."""
        value = encode(record(one, revision, address))
        return self.ask("/v3/kv/put", {"key": encode(f"{PREFIX}/svc/{one}"), "value": value},
                        member, timeout)

    def put_many(self, ones, revision=1):
        """128 a transaction."""
        ones = list(ones)
        for begin in range(0, len(ones), 128):
            self.ask("/v3/kv/txn", {"success": [
                {"request_put": {"key": encode(f"{PREFIX}/svc/{one}"),
                                 "value": encode(record(one, revision))}}
                for one in ones[begin:begin + 128]]})

    def delete(self, one):
        return self.ask("/v3/kv/deleterange", {"key": encode(f"{PREFIX}/svc/{one}")})

    def delete_all(self):
        self.ask("/v3/kv/deleterange", {"key": encode(f"{PREFIX}/svc/"),
                                        "range_end": encode(f"{PREFIX}/svc0")})

    def revoke(self, lease):
        self.ask("/v3/lease/revoke", {"ID": int(lease, 16)})

    def revision(self):
        return int(self.range("none")["header"]["revision"])

    def compact(self):
        self.ask("/v3/kv/compaction", {"revision": self.revision()})

    def leader(self):
        for member in range(self.size):
            said = self.ask("/v3/maintenance/status", {}, member)
            if said["leader"] == said["header"]["member_id"]:
                return member
        raise Unready("nobody leads")


def record(one, revision=1, address=NOWHERE):
    """As an operator writes it: without a lease, it stays."""
    return json.dumps({"network": "tcp", "name": "svc", "address": address, "instance_id": one,
                       "weight": revision, "protocol": "GRPC", "healthy": True})
