"""A TCP proxy in front of one server, and what goes wrong on the way: every call is thread-safe.

`up` is from the client to the server, `down` from the server to the client.
"""
import asyncio
import dataclasses
import random
import socket
import struct
import threading
import time

from processes import HANG


@dataclasses.dataclass
class Faults:
    """What goes wrong from now on; Faults() heals."""
    refuse: bool = False        # connections are reset, new ones at once
    stalled: tuple = ()         # of "up", "down": what comes is kept until it is healed
    hold_new: float = 0.0       # seconds that new connections are kept waiting
    delay: float = 0.0          # seconds, of all that goes down
    rate: float = 0.0           # bytes a second that go down; 0: as many as there are
    corrupt: int = 0            # one bit in so many bytes that go down is flipped
    lost_answers: int = 0       # so often what goes down next is lost, with its connection


class Proxy:
    def __init__(self, target, seed=1):
        self.target, self.random = target, random.Random(seed)
        self.faults = Faults()
        self.connects = []  # when, by time.monotonic()
        self.links = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def set(self, **faults):
        async def change():
            self.faults = Faults(**faults)
            if self.faults.refuse:
                self._reset_all()
        self._do(change())

    def cut(self):
        """Resets what is connected; new connections pass."""
        async def change():
            self._reset_all()
        self._do(change())

    def busiest_second(self):
        return max((sum(1 for other in self.connects if at <= other < at + 1)
                    for at in self.connects), default=0)

    def close(self):
        async def change():
            self.server.close()
            self._reset_all()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
        self._do(change())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(HANG)

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(HANG)

    def _reset_all(self):
        for writer in list(self.links):
            self._reset(writer)

    def _reset(self, writer):
        self.links.discard(writer)
        sock = writer.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def _serve(self, reader, writer):
        self.connects.append(time.monotonic())
        if self.faults.refuse:
            return self._reset(writer)
        self.links.add(writer)
        if self.faults.hold_new:
            await asyncio.sleep(self.faults.hold_new)
        try:
            there_reader, there = await asyncio.open_connection(*self.target)
        except OSError:
            return self._reset(writer)
        self.links.add(there)
        ends = (writer, there)
        try:
            await asyncio.gather(self._pump(reader, there, "up", ends),
                                 self._pump(there_reader, writer, "down", ends))
        except asyncio.CancelledError:
            pass  # we are closed

    async def _pump(self, reader, writer, way, ends):
        late = asyncio.Queue(1000)  # what is on the way: when it arrives, and what
        passing = asyncio.ensure_future(self._pass(late, writer, way))
        try:
            while data := await reader.read(65536):
                if way == "down" and self.faults.lost_answers > 0:
                    self.faults.lost_answers -= 1
                    break
                delay = self.faults.delay if way == "down" else 0
                await late.put((self.loop.time() + delay, data))
        except OSError:
            pass
        finally:
            passing.cancel()
        # A half-closed connection is none that etcd or Consul speak on.
        for end in ends:
            self._reset(end)

    async def _pass(self, late, writer, way):
        try:
            while True:
                due, data = await late.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                while way in self.faults.stalled:
                    await asyncio.sleep(0.01)
                if way == "down" and self.faults.corrupt:
                    data = self._corrupted(data)
                if way == "down" and self.faults.rate:
                    await asyncio.sleep(len(data) / self.faults.rate)
                writer.write(data)
                await writer.drain()
        except OSError:
            writer.transport.abort()

    def _corrupted(self, data):
        changed = bytearray(data)
        for at in range(len(changed)):
            if self.random.randrange(self.faults.corrupt) == 0:
                changed[at] ^= 1 << self.random.randrange(8)
        return bytes(changed)
