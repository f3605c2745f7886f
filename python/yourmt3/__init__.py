"""Music recordings to notes, one instrument each.

A thin layer over the C interface of libyourmt3 (``yourmt3/yourmt3.h``); needs nothing but the standard library::

    import yourmt3

    heard = yourmt3.Transcriber().transcribe("song.mp3")
    for note in heard.notes:
        print(note.onset, note.instrument, note.pitch)
    heard.write_midi("song.mid")

The library is the file that the environment variable YOURMT3_LIBRARY names, else the installed ``libyourmt3.so.0``;
the model is the one given, else what YOURMT3_MODEL names, else the one that is installed with the library.
"""

from __future__ import annotations

import array
import os
import pathlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from . import _library as _c
from ._library import Error, Status, version

__all__ = ["DRUMS", "Beats", "Error", "Note", "Status", "Stream", "Transcriber", "Transcription", "instrument_name", "version"]

DRUMS = 128
"""The program that stands for the drum kit."""


def instrument_name(program: int) -> str:
    """Name of an instrument, such as "Acoustic Piano" or "Drums"; empty for a program that does not exist."""
    return _c.lib.yourmt3_instrument_name(program).decode()


class Note(NamedTuple):
    """One note; times in seconds from the start of the recording."""

    onset: float
    offset: float
    program: int  # MIDI 0-127; DRUMS for drums.
    pitch: int  # MIDI 0-127; for drums the key of the kit.
    is_drum: bool
    confidence: float  # How sure the network is that this instrument begins this note here: 0 to 1.

    @property
    def instrument(self) -> str:
        return instrument_name(self.program)


def _note(raw: _c.RawNote) -> Note:
    return Note(raw.onset_sec, raw.offset_sec, raw.program, raw.pitch, bool(raw.is_drum), raw.confidence)


class Beats(NamedTuple):
    """How music is counted and in which key it stands."""

    times: list[float]  # Seconds, from the start of the recording to behind the last note.
    downbeats: list[float]  # Those of them that begin bars.
    tempo: float  # Quarters a minute, by the median beat.
    time_signature: str  # "4/4"; in "6/8" and the like a beat is a dotted quarter.
    key: str  # "G major", "F# minor".
    fifths: int  # Sharps of the key signature, or flats when negative.


class Transcription:
    """What was heard in a recording: `notes` by onset, and its length `duration` in seconds."""

    def __init__(self, handle):
        self._handle = _c.Handle(handle, _c.lib.yourmt3_transcription_free)
        self.duration: float = _c.lib.yourmt3_duration_sec(handle)
        self.notes: list[Note] = []
        for index in range(_c.lib.yourmt3_note_count(handle)):
            raw = _c.RawNote()
            _c.check(_c.lib.yourmt3_get_note(handle, index, raw))
            self.notes.append(_note(raw))

    def write_midi(self, path: str | os.PathLike[str], beats: bool = False) -> None:
        """Writes a MIDI file, one track for each instrument; replaces an existing file. With `beats` it has the tempo of
        every beat, time signature and key, so that bars of the file are bars of the music."""
        write = _c.lib.yourmt3_write_midi_with_beats if beats else _c.lib.yourmt3_write_midi
        _c.check(write(self._handle.value, os.fsencode(path)))

    def write_musicxml(self, path: str | os.PathLike[str], title: str = "") -> None:
        """Writes a score in MusicXML, compressed when `path` ends in ".mxl"; replaces an existing file."""
        _c.check(_c.lib.yourmt3_write_musicxml(self._handle.value, os.fsencode(path), title.encode()))

    def beats(self) -> Beats:
        """Estimates beats, bars, metre and key."""
        out = _c.new_pointer()
        _c.check(_c.lib.yourmt3_find_beats(self._handle.value, out))
        found = _c.Handle(out, _c.lib.yourmt3_beats_free)
        times, downbeats = [], []
        for index in range(_c.lib.yourmt3_beat_count(found.value)):
            beat = _c.RawBeat()
            _c.check(_c.lib.yourmt3_get_beat(found.value, index, beat))
            times.append(beat.time_sec)
            if beat.begins_bar:
                downbeats.append(beat.time_sec)
        metre = _c.RawMetre()
        _c.check(_c.lib.yourmt3_get_metre(found.value, metre))
        key = f"{metre.tonic.decode()} {'minor' if metre.is_minor else 'major'}"
        signature = f"{metre.numerator}/{metre.denominator}"
        return Beats(times, downbeats, metre.quarters_per_minute, signature, key, metre.fifths)


class _Callbacks:
    """Python functions as C callbacks. What they raise cancels the call and is raised again at its end."""

    def __init__(self, progress: Callable[[float, float], object] | None, on_notes: Callable[[list[Note]], object] | None):
        self.raised: BaseException | None = None
        self._progress, self._on_notes = progress, on_notes
        # The objects have to live as long as the library may call them.
        self.progress = _c.ProgressFunction(self._call_progress)
        self.on_notes = _c.NotesFunction(self._call_on_notes) if on_notes else _c.NotesFunction()

    def _call_progress(self, done_sec: float, total_sec: float, _user) -> int:
        if self.raised is not None:
            return 1
        try:
            return 1 if self._progress and self._progress(done_sec, total_sec) is False else 0
        except BaseException as error:  # Nothing may pass through C.
            self.raised = error
            return 1

    def _call_on_notes(self, notes, n_notes: int, _user) -> None:
        if self.raised is not None:
            return
        try:
            self._on_notes([_note(notes[i]) for i in range(n_notes)])
        except BaseException as error:
            self.raised = error

    def check(self, status: int) -> None:
        if self.raised is not None:
            raise self.raised
        _c.check(status)


def _as_floats(samples) -> tuple[object, int]:
    """Samples as a C array of floats, and their number: of an array of float32 without a copy, of others with one."""
    try:
        view = memoryview(samples)
    except TypeError:
        view = memoryview(array.array("f", samples))
    if not view.c_contiguous:
        raise ValueError("the samples are not contiguous; pass a copy")
    if view.format != "f":
        view = memoryview(array.array("f", view.cast("B").cast(view.format)))
    flat = view.cast("B")
    n = flat.nbytes // 4
    if n == 0:
        return _c.FloatArray(0)(), 0
    if flat.readonly:
        return _c.FloatArray(n).from_buffer_copy(flat), n
    return _c.FloatArray(n).from_buffer(flat), n


def _frames(samples, n_channels: int):
    floats, n = _as_floats(samples)
    if n_channels >= 1 and n % n_channels:
        raise ValueError(f"{n} samples are not a multiple of {n_channels} channels")
    return floats, n // max(1, n_channels)


def _list(names: Iterable[str]) -> bytes:
    return ",".join([names] if isinstance(names, str) else names).encode()


class Transcriber:
    """A loaded network. May be used from several threads."""

    def __init__(self, model: str | os.PathLike[str] | None = None, threads: int = 0):
        """`model`: a .safetensors file or an official .ckpt; `threads`: 0 for all processors."""
        handle = _c.new_pointer()
        _c.check(_c.lib.yourmt3_transcriber_open(os.fsencode(model or _default_model()), threads, handle))
        self._handle = _c.Handle(handle, _c.lib.yourmt3_transcriber_close)

    def with_decoding(
        self, only: Iterable[str] = (), without: Iterable[str] = (), constrained: bool | None = None
    ) -> Transcriber:
        """The same network with another choice of its tokens, at once and without more memory. `only` names the
        instruments that recordings have, if they are known, `without` some that they do not have: names that ``yourmt3
        transcribe --instruments`` lists. `constrained` tells whether tokens that the grammar of the network's task forbids
        get no probability; None: as the model says."""
        handle = _c.new_pointer()
        choice = {None: 0, False: 1, True: 2}[constrained]
        _c.check(
            _c.lib.yourmt3_transcriber_with(self._handle.value, _list(only), _list(without), choice, handle)
        )
        other = Transcriber.__new__(Transcriber)
        other._handle = _c.Handle(handle, _c.lib.yourmt3_transcriber_close)
        return other

    def transcribe(
        self,
        path: str | os.PathLike[str],
        progress: Callable[[float, float], object] | None = None,
        on_notes: Callable[[list[Note]], object] | None = None,
    ) -> Transcription:
        """An audio file. `progress(done, total)` is told seconds now and then, total 0 when it is not known; returning
        False cancels. `on_notes(notes)` is told notes as soon as nothing that follows can change them."""
        callbacks, out = _Callbacks(progress, on_notes), _c.new_pointer()
        callbacks.check(
            _c.lib.yourmt3_transcribe_file_with_notes(
                self._handle.value, os.fsencode(path), callbacks.progress, callbacks.on_notes, None, out
            )
        )
        return Transcription(out)

    def transcribe_samples(
        self,
        samples: Iterable[float],
        sample_rate: int,
        n_channels: int = 1,
        progress: Callable[[float, float], object] | None = None,
    ) -> Transcription:
        """Interleaved samples, nominally in [-1, 1]: any buffer of float32, such as a NumPy array, or other numbers."""
        floats, n_frames = _frames(samples, n_channels)
        callbacks, out = _Callbacks(progress, None), _c.new_pointer()
        callbacks.check(
            _c.lib.yourmt3_transcribe_samples(
                self._handle.value, floats, n_frames, n_channels, sample_rate, callbacks.progress, None, out
            )
        )
        return Transcription(out)

    def stream(
        self, sample_rate: int, n_channels: int = 1, on_notes: Callable[[list[Note]], object] | None = None
    ) -> Stream:
        """A recording that comes piece by piece."""
        return Stream(self, sample_rate, n_channels, on_notes)


class Stream:
    """A recording whose samples are pushed piece by piece; a context manager that abandons what was not finished.

    `on_notes` is called on another thread, at most about 2.1 seconds, and the time of computing, after a note's end.
    """

    def __init__(self, transcriber: Transcriber, sample_rate: int, n_channels: int, on_notes):
        self._transcriber = transcriber  # Has to live as long.
        self._callbacks = _Callbacks(None, on_notes)
        self._n_channels = n_channels
        handle = _c.new_pointer()
        _c.check(
            _c.lib.yourmt3_stream_open(
                transcriber._handle.value, n_channels, sample_rate, self._callbacks.on_notes, None, handle
            )
        )
        self._handle = _c.Handle(handle, _c.lib.yourmt3_stream_close)

    def push(self, samples: Iterable[float]) -> None:
        """Takes whole frames of interleaved samples; waits while more than a minute of sound is waiting."""
        floats, n_frames = _frames(samples, self._n_channels)
        self._callbacks.check(_c.lib.yourmt3_stream_push(self._handle.value, floats, n_frames))

    def finish(self) -> Transcription:
        """No more samples: waits for the result. Only once."""
        out = _c.new_pointer()
        self._callbacks.check(_c.lib.yourmt3_stream_finish(self._handle.value, out))
        return Transcription(out)

    def cancel(self) -> None:
        """From any thread: ends the transcription soon."""
        _c.lib.yourmt3_stream_cancel(self._handle.value)

    def close(self) -> None:
        self._handle.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_error) -> None:
        self.close()


def _default_model() -> str:
    if named := os.environ.get("YOURMT3_MODEL"):
        return named
    for prefix in ("/usr", "/usr/local"):
        place = pathlib.Path(prefix, "share/yourmt3/models/default.safetensors")
        if place.exists():
            return str(place)
    raise Error(Status.NOT_FOUND, "no model is installed; name one, or set YOURMT3_MODEL")
