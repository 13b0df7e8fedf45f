"""An agent of Consul that is its own server, spoken to past every proxy."""
import http.client
import json
import pathlib
import shutil
import signal
import subprocess

from processes import Child, Failure, Unready, free_port, until


class Consul:
    def __init__(self, folder, program):
        self.folder, self.program = pathlib.Path(folder), program
        for _ in range(5):  # somebody may have been quicker with the ports
            self.ports = [free_port() for _ in range(3)]
            self.child = None
            try:
                self.start()
                return
            except Failure as why:
                if self.child.alive():  # it is only slow
                    raise Unready(str(why)) from why
                shutil.rmtree(self.folder / "data", ignore_errors=True)
        raise Unready("Consul does not start")

    def address(self):
        return ("127.0.0.1", self.ports[0])

    def start(self):
        """When it serves and shows its own node, so that services can be shown, too."""
        api, server, serf = self.ports
        self.child = Child(self.folder, [
            self.program, "agent", "-server", "-bootstrap-expect=1", "-node=n1",
            f"-data-dir={self.folder}/data", "-bind=127.0.0.1", "-client=127.0.0.1", "-dns-port=-1",
            "-grpc-port=-1", "-serf-wan-port=-1", f"-http-port={api}", f"-server-port={server}",
            f"-serf-lan-port={serf}", "-hcl", "disable_update_check = true",
            "-hcl", "performance { raft_multiplier = 1 }"], stdout=subprocess.DEVNULL)

        def serves():
            if not self.child.alive():
                raise Failure("Consul ended")
            try:
                return any(node["Node"] == "n1" for node in self.ask("GET", "/v1/catalog/nodes"))
            except (OSError, http.client.HTTPException):
                return False
        return until(serves, "Consul serves")

    def kill(self):
        self.child.kill()

    def forget(self):
        """Loses its data, without being started again."""
        self.kill()
        shutil.rmtree(self.folder / "data")

    def pause(self):
        self.child.send(signal.SIGSTOP)

    def resume(self):
        self.child.send(signal.SIGCONT)

    def close(self):
        if self.child:
            self.child.kill()

    def said(self):
        return self.child.lines() if self.child else []

    def ask(self, method, path):
        line = http.client.HTTPConnection(*self.address(), timeout=5)
        try:
            line.request(method, path)
            answer = line.getresponse()
            said = answer.read()
            if answer.status != 200:
                raise http.client.HTTPException(f"{path}: {answer.status} {said[:200]}")
            return json.loads(said) if said else None
        finally:
            line.close()

    def passing(self):
        """Ids of the passing instances of "svc"."""
        return {entry["Service"]["ID"] for entry in self.ask("GET", "/v1/health/service/svc?passing=1")}

    def until(self, wanted, limit=60):
        """When exactly these ids are passing."""
        def stand():
            try:
                return self.passing() == set(wanted)
            except (OSError, http.client.HTTPException):
                return False
        return until(stand, f"Consul shows {sorted(wanted)}", limit)

    def deregister(self, one):
        self.ask("PUT", f"/v1/agent/service/deregister/{one}")
