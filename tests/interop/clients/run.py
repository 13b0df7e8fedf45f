#!/usr/bin/env python3
"""Runs one client against a greeter on a shared port.

usage: run.py GREETER FORM CLIENT [PROGRAM]     exit 0: as it should be, 1: not, 77: skipped
FORM is plain, tls or mutual. PROGRAM is that of the clients `brontes`, `go` and `go_idle`.
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import grpcio
import http_clients
from world import FORMS, HANG, Skip, World, run


def brontes(world, program):
    """The command of this project: reflection and a call. It speaks no TLS."""
    answer = run(program, "call", "--registry", f"static://{world.address}", "greeter",
                 "Hello.Greeter/SayHello", '{"name":"brontes"}')
    if world.secure:
        assert answer.code != 0, answer.text
    else:
        answer.must("hello, brontes")


def go(world, program):
    """grpc-go and net/http."""
    answer = run(program, world.form, world.address, world.folder)
    assert answer.code == 0, answer.text


def go_idle(world, program):
    """grpc-go that keeps its connection."""
    command = [program, world.form, world.address, world.folder, "idle"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        try:
            line = client.stdout.readline()
            assert line == "idle\n", line
            world.stop()
            rest, _ = client.communicate(timeout=HANG)
        finally:
            client.kill()
        assert client.returncode == 0, f"exit {client.returncode}: {rest}"


CLIENTS = {
    "python": grpcio.calls,
    "python_idle": grpcio.idle,
    "python_reflection": grpcio.reflection,
    "python_wrong_kind": grpcio.wrong_kind,
    "curl_http1": http_clients.curl_http1,
    "curl_default": http_clients.curl_default,
    "curl_upgrade": http_clients.curl_upgrade,
    "curl_http2": http_clients.curl_http2,
    "curl_http2_body": http_clients.curl_http2_body,
    "curl_grpc": http_clients.curl_grpc,
    "curl_grpc_upgrade": http_clients.curl_grpc_upgrade,
    "nghttp": http_clients.nghttp_get,
    "nghttp_upgrade": http_clients.nghttp_upgrade,
    "openssl_garbage": http_clients.openssl_garbage,
    "brontes": brontes,
    "go": go,
    "go_idle": go_idle,
}


def main():
    greeter, form, name, *program = sys.argv[1:]
    assert form in FORMS, __doc__
    try:
        if name.startswith("go") and not pathlib.Path(program[0]).exists():
            raise Skip(f"{program[0]} was not built: see the test interop_go_build")
        with World(greeter, form) as world:
            CLIENTS[name](world, *program)
            # Whatever that client did, the next one is served.
            if world.serves:
                http_clients.curl_http1(world)
    except Skip as why:
        print(f"skipped: {why}")
        return 77
    except AssertionError as why:
        print(f"failed: {why}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
