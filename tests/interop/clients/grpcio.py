"""Python's grpcio: a call, an error, what reflection tells, and the wrong kind of port."""
from world import HANG, Skip

try:
    import grpc
except ImportError:
    grpc = None


def text_field(number, text):
    """A protobuf field of up to 127 bytes, so that nothing needs to be generated."""
    return bytes([number << 3 | 2, len(text)]) + text.encode()


def credentials(world, with_certificate=True):
    ca = world.bytes("ca.pem")
    if not world.mutual or not with_certificate:
        return grpc.ssl_channel_credentials(ca)
    return grpc.ssl_channel_credentials(ca, world.bytes("client.key"), world.bytes("client.pem"))


def channel(world, secure=None, with_certificate=True):
    options = [("grpc.ssl_target_name_override", "localhost"),
               ("grpc.use_local_subchannel_pool", 1)]
    if not (world.secure if secure is None else secure):
        return grpc.insecure_channel(world.address, options)
    return grpc.secure_channel(world.address, credentials(world, with_certificate), options)


def say_hello(of, name):
    call = of.unary_unary("/Hello.Greeter/SayHello")
    return call(text_field(1, name), timeout=HANG)


def refused(of, code):
    try:
        say_hello(of, "nobody")
    except grpc.RpcError as error:
        assert error.code() == code, error
    else:
        raise AssertionError("was served")


def need():
    if grpc is None:
        raise Skip("grpc is not installed for this python3 (Debian package python3-grpcio)")


def calls(world):
    need()
    with channel(world) as ours:
        assert say_hello(ours, "brontes") == text_field(1, "hello, brontes")
        try:
            say_hello(ours, "")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
            assert error.details() == "name is empty", error
        else:
            raise AssertionError("an empty name was taken")


def idle(world):
    """Keeps its connection: it leaves when it is told, and holds no stop."""
    need()
    with channel(world) as ours:
        assert say_hello(ours, "brontes") == text_field(1, "hello, brontes")
        world.stop()
        refused(ours, grpc.StatusCode.UNAVAILABLE)


def reflection(world):
    need()
    with channel(world) as ours:
        ask = ours.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        answers = ask(iter([text_field(7, "*"), text_field(4, "Hello.Greeter")]), timeout=HANG)
        listed, described = next(answers), next(answers)
        assert text_field(1, "Hello.Greeter") in listed, listed
        assert text_field(1, "grpc.health.v1.Health") in listed, listed
        assert b"SayHello" in described, described


def wrong_kind(world):
    """Plain text for TLS, TLS for plain text, no certificate where one is wanted."""
    need()
    if world.secure:
        with channel(world, secure=False) as plain:
            refused(plain, grpc.StatusCode.UNAVAILABLE)
    else:
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.secure_channel(world.address, grpc.ssl_channel_credentials(), options) as tls:
            refused(tls, grpc.StatusCode.UNAVAILABLE)
    if world.mutual:
        with channel(world, with_certificate=False) as stranger:
            refused(stranger, grpc.StatusCode.UNAVAILABLE)
