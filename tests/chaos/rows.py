"""The rows that are played against real servers, by their ids in docs/testing-faults.md."""
import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Row:
    id: str
    what: str
    bound: float  # of the figure
    unit: str
    play: typing.Callable  # play(world): the figure; raises Failure
    needs: str  # "etcd" or "consul"
    smoke: bool  # holds on a machine that is busy with other things


ROWS = {}


def row(id, bound, unit="s", needs="etcd", smoke=False):
    """The docstring of the function says what must be."""
    def keep(play):
        assert id not in ROWS, id
        ROWS[id] = Row(id, play.__doc__.strip(), bound, unit, play, needs, smoke)
        return play
    return keep


def must(condition, text):
    from processes import Failure
    if not condition:
        raise Failure(text)
