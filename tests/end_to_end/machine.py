"""The machine beneath an Understudy: names, wall clock and disk that do what a test wants, by tests/tools/machine_faults.cc, without privileges."""
import mmap
import pathlib
import struct

from support import Options, directory

WORDS = ("clock_ahead_s", "disk_error", "disk_room", "disk_wait_ms", "lookup_wait_ms")  # State in machine_faults.cc


class Machine:
    """Its words are set as attributes and hold at once, for every Understudy that is started with `wrap`."""

    def __init__(self):
        self.__dict__["place"] = directory()
        state = self.place / "state"
        state.write_bytes(bytes(8 * len(WORDS)))
        with open(state, "r+b") as file:
            self.__dict__["words"] = mmap.mmap(file.fileno(), 0)
        (self.place / "disk").mkdir()
        self.names()

    def __setattr__(self, name, value):
        struct.pack_into("q", self.words, 8 * WORDS.index(name), value)

    @property
    def disk(self) -> pathlib.Path:
        """The directory whose files fail or wait."""
        return self.place / "disk"

    def under(self):
        """What an Understudy is started with to be on this machine."""
        environment = [f"LD_PRELOAD={Options.build.resolve() / 'libmachine_faults.so'}", f"UNDERSTUDY_MACHINE={self.place}"]
        return {"wrap": ["env", *environment], "wrap_is_parent": False}

    def names(self, **addresses):
        """From now on these names below ".test" have these addresses, and no others have any."""
        fresh = self.place / "hosts.new"
        fresh.write_text("".join(f"{address} {name}.test\n" for name, address in addresses.items()))
        fresh.rename(self.place / "hosts")

    def events(self):
        """Faults that took effect, in order: "process call what" each."""
        path = self.place / "events"
        return path.read_text().splitlines() if path.exists() else []

    def heed(self):
        """What of `events` is new from now on: a function that tells whether one begins so."""
        before = len(self.events())
        return lambda beginning: any(event.startswith(beginning) for event in self.events()[before:])
