"""The greeter as a child process, on a port of its own, in plain text, TLS or mutual TLS."""
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

FORMS = ("plain", "tls", "mutual")
HANG = 30  # seconds; nothing that works takes as long


class Skip(Exception):
    """The client is not on this machine."""


def need(program, package):
    if not shutil.which(program):
        raise Skip(f"{program} is not installed (Debian package {package})")
    return program


class Outcome:
    """What a client wrote, standard error included, and its exit code."""

    def __init__(self, code, text):
        self.code, self.text = code, text

    def must(self, *parts):
        for part in parts:
            assert part in self.text, f"no {part!r} in (exit {self.code}):\n{self.text}"
        return self


def run(*command, stdin=b""):
    try:
        done = subprocess.run([str(word) for word in command], input=stdin, timeout=HANG,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired as hang:
        raise AssertionError(f"hangs: {command}\n{hang.stdout}") from hang
    return Outcome(done.returncode, done.stdout.decode(errors="replace"))


class World:
    """`with World(greeter, form) as world`: world.port, world.file("ca.pem"), world.form."""

    def __init__(self, greeter, form):
        self.form = form
        self.greeter = greeter
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="brontes-interop-"))

    def file(self, name):
        return str(self.folder / name)

    def bytes(self, name):
        return (self.folder / name).read_bytes()

    @property
    def secure(self):
        return self.form != "plain"

    @property
    def mutual(self):
        return self.form == "mutual"

    @property
    def serves(self):
        return self.process.returncode is None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def _certificate(self, name, *more):
        made = run(need("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                   "-keyout", self.file(name + ".key"), "-out", self.file(name + ".pem"), *more)
        assert made.code == 0, made.text

    def _settings(self):
        if not self.secure:
            return []
        self._certificate("ca")
        signed = ("-CA", self.file("ca.pem"), "-CAkey", self.file("ca.key"), "-addext")
        self._certificate("server", *signed, "subjectAltName=DNS:localhost")
        self._certificate("client", *signed, "subjectAltName=URI:spiffe://test/client")
        settings = ["--set", "tls.cert=" + self.file("server.pem"),
                    "--set", "tls.key=" + self.file("server.key")]
        if self.mutual:
            settings += ["--set", "tls.client_ca=" + self.file("ca.pem")]
        return settings

    def __enter__(self):
        command = [self.greeter, "--listen", "127.0.0.1:0", "--set", "drain.min=0s",
                   *self._settings()]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        log = []
        for line in self.process.stderr:
            log.append(line)
            if found := re.search(r" serving .*grpc_port=(\d+)", line):
                self.port = int(found[1])
                return self
        raise AssertionError("the greeter did not start:\n" + "".join(log))

    def stop(self):
        """SIGTERM: the stop goes well, and did not have to cut connections off."""
        self.process.send_signal(signal.SIGTERM)
        _, rest = self.process.communicate(timeout=HANG)
        assert self.process.returncode == 0, f"exit {self.process.returncode}:\n{rest}"
        assert '"let calls end"' in rest, rest
        assert "closing who is still connected" not in rest, rest

    def __exit__(self, *_):
        try:
            if self.serves:
                self.stop()
        finally:
            self.process.kill()
            shutil.rmtree(self.folder)
