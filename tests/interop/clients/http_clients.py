"""curl, nghttp and openssl s_client."""
from world import need, run

HELLO = '{"message":"hello, brontes"}'
USE_HTTP1 = "HTTP/2 on this port is for gRPC; use HTTP/1.1 for REST"
# SayHello of HelloReq{name: "brontes"} as gRPC frames it.
GRPC_HELLO = b"\0\0\0\0\x09\n\x07brontes"


def curl(world, *words, path="/v1/say/brontes", stdin=b"", certificate=True):
    command = [need("curl", "curl"), "-sS", "-m", "20", "-w", " HTTP/%{http_version} %{http_code}",
               "--resolve", f"localhost:{world.port}:127.0.0.1", *words]
    if world.secure:
        command += ["--cacert", world.file("ca.pem")]
    if world.mutual and certificate:
        command += ["--cert", world.file("client.pem"), "--key", world.file("client.key")]
    scheme = "https" if world.secure else "http"
    return run(*command, f"{scheme}://localhost:{world.port}{path}", stdin=stdin)


def curl_http1(world):
    curl(world, "--http1.1").must(HELLO, "HTTP/1.1 200")
    if world.mutual:
        stranger = curl(world, "--http1.1", certificate=False)
        assert stranger.code in (35, 56), (stranger.code, stranger.text)


def curl_default(world):
    """Offers h2 and http/1.1 over TLS."""
    curl(world).must(HELLO, "HTTP/1.1 200")


def curl_upgrade(world):
    """--http2: Upgrade: h2c in plain text; h2 and http/1.1 over TLS."""
    curl(world, "--http2").must(HELLO, "HTTP/1.1 200")


def curl_http2(world):
    """HTTP/2 without asking; over TLS curl offers http/1.1 all the same."""
    answer = curl(world, "--http2-prior-knowledge")
    answer.must(HELLO, "HTTP/1.1 200") if world.secure else answer.must(USE_HTTP1, "HTTP/2 505")
    assert answer.code == 0, answer.text


def curl_http2_body(world):
    """A body that is larger than the first window of HTTP/2: curl shows the 505, and then complains
    (exit 18) that its body did not get through."""
    answer = curl(world, "--http2-prior-knowledge", "--data-binary", "@-", path="/v1/say",
                  stdin=b"x" * 1_000_000)
    answer.must("HTTP/1.1 404") if world.secure else answer.must(USE_HTTP1, "HTTP/2 505")


def grpc_by_curl(world, *words):
    return curl(world, *words, "-X", "POST", "-H", "content-type: application/grpc", "-H",
                "te: trailers", "--data-binary", "@-", "-i", path="/Hello.Greeter/SayHello",
                stdin=GRPC_HELLO)


def curl_grpc(world):
    """Over TLS curl offers http/1.1 beside h2, gets it, and is told why that fails."""
    answer = grpc_by_curl(world, "--http2-prior-knowledge")
    if world.secure:
        answer.must("HTTP/1.1 505", "gRPC needs HTTP/2; over TLS offer h2 without http/1.1")
    else:
        answer.must("HTTP/2 200", "hello, brontes", "grpc-status: 0")


def curl_grpc_upgrade(world):
    """gRPC has no way up from HTTP/1.1."""
    grpc_by_curl(world, "--http2").must("HTTP/1.1 505", "gRPC needs HTTP/2")


def nghttp(world, *words, path="/v1/say/brontes"):
    command = [need("nghttp", "nghttp2-client"), "-v", "-t", "20s", *words]
    if world.mutual:
        command += ["--cert", world.file("client.pem"), "--key", world.file("client.key")]
    scheme = "https" if world.secure else "http"
    return run(*command, f"{scheme}://{world.address}{path}")


def nghttp_get(world):
    answer = nghttp(world)
    if world.secure:
        answer.must("grpc-status: 2", "Bad method header")  # it offers h2 alone: gRPC answers
    else:
        answer.must(":status: 505", "HTTP_1_1_REQUIRED")


def nghttp_upgrade(world):
    """Upgrade: h2c is not taken up; HTTP/1.1 answers."""
    if not world.secure:
        nghttp(world, "-u").must("HTTP/1.1 200 OK", "HTTP Upgrade failed")


def s_client(world, *words, stdin):
    command = [need("openssl", "openssl"), "s_client", "-quiet", "-connect", world.address, *words]
    if world.mutual:
        command += ["-cert", world.file("client.pem"), "-key", world.file("client.key")]
    return run(*command, stdin=stdin)


def openssl_garbage(world):
    """Nonsense inside of TLS, for each door; and TLS where there is none."""
    for offer in ((), ("-alpn", "http/1.1"), ("-alpn", "h2")):
        answer = s_client(world, *offer, "-ign_eof", stdin=b"\x00\xff nonsense \r\n\r\n" * 1000)
        if not world.secure:
            answer.must("alert handshake failure")
        elif "h2" not in offer:
            answer.must("HTTP/1.1 400")
    s_client(world, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", stdin=b"").must("alert")
