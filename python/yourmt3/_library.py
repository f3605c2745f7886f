"""libyourmt3 by ctypes: types and functions of yourmt3/yourmt3.h."""

from __future__ import annotations

import ctypes
import enum
import os
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_size_t, c_void_p


class Status(enum.IntEnum):
    """What became of a call."""

    OK = 0
    INVALID_ARGUMENT = 1
    NOT_FOUND = 2
    IO = 3
    MALFORMED = 4
    UNSUPPORTED = 5
    OUT_OF_MEMORY = 6
    CANCELLED = 7
    INTERNAL = 8


class Error(Exception):
    """A call failed: `status` tells the kind, the message the rest."""

    def __init__(self, status: Status, message: str):
        super().__init__(message)
        self.status = status


class RawNote(ctypes.Structure):
    _fields_ = [
        ("onset_sec", c_double),
        ("offset_sec", c_double),
        ("program", c_int),
        ("pitch", c_int),
        ("is_drum", c_int),
        ("confidence", c_double),
    ]


class RawBeat(ctypes.Structure):
    _fields_ = [("time_sec", c_double), ("begins_bar", c_int)]


class RawMetre(ctypes.Structure):
    _fields_ = [
        ("quarters_per_minute", c_double),
        ("numerator", c_int),
        ("denominator", c_int),
        ("fifths", c_int),
        ("is_minor", c_int),
        ("tonic", c_char_p),
    ]


ProgressFunction = ctypes.CFUNCTYPE(c_int, c_double, c_double, c_void_p)
NotesFunction = ctypes.CFUNCTYPE(None, POINTER(RawNote), c_size_t, c_void_p)


def FloatArray(n: int):
    return c_float * n


def new_pointer() -> c_void_p:
    return c_void_p()


class Handle:
    """Owns an object of the library."""

    def __init__(self, pointer: c_void_p, free):
        self._pointer, self._free = pointer, free

    @property
    def value(self) -> c_void_p:
        if not self._pointer:
            raise Error(Status.INVALID_ARGUMENT, "it is closed already")
        return self._pointer

    def close(self) -> None:
        if self._pointer:
            pointer, self._pointer = self._pointer, c_void_p()
            self._free(pointer)

    def __del__(self):
        self.close()


def _load() -> ctypes.CDLL:
    name = os.environ.get("YOURMT3_LIBRARY", "libyourmt3.so.0")
    try:
        lib = ctypes.CDLL(name)
    except OSError as error:
        raise ImportError(f"{name}: {error}; install libyourmt3, or set YOURMT3_LIBRARY to its file") from error
    out = POINTER(c_void_p)
    floats = POINTER(c_float)
    for function, result, arguments in (
        ("version", c_char_p, []),
        ("last_error", c_char_p, []),
        ("instrument_name", c_char_p, [c_int]),
        ("transcriber_open", c_int, [c_char_p, c_int, out]),
        ("transcriber_with", c_int, [c_void_p, c_char_p, c_char_p, c_int, out]),
        ("transcriber_close", None, [c_void_p]),
        (
            "transcribe_file_with_notes",
            c_int,
            [c_void_p, c_char_p, ProgressFunction, NotesFunction, c_void_p, out],
        ),
        (
            "transcribe_samples",
            c_int,
            [c_void_p, floats, c_size_t, c_int, c_int, ProgressFunction, c_void_p, out],
        ),
        ("stream_open", c_int, [c_void_p, c_int, c_int, NotesFunction, c_void_p, out]),
        ("stream_push", c_int, [c_void_p, floats, c_size_t]),
        ("stream_finish", c_int, [c_void_p, out]),
        ("stream_cancel", None, [c_void_p]),
        ("stream_close", None, [c_void_p]),
        ("transcription_free", None, [c_void_p]),
        ("note_count", c_size_t, [c_void_p]),
        ("duration_sec", c_double, [c_void_p]),
        ("get_note", c_int, [c_void_p, c_size_t, POINTER(RawNote)]),
        ("write_midi", c_int, [c_void_p, c_char_p]),
        ("write_midi_with_beats", c_int, [c_void_p, c_char_p]),
        ("write_musicxml", c_int, [c_void_p, c_char_p, c_char_p]),
        ("find_beats", c_int, [c_void_p, out]),
        ("beats_free", None, [c_void_p]),
        ("beat_count", c_size_t, [c_void_p]),
        ("get_beat", c_int, [c_void_p, c_size_t, POINTER(RawBeat)]),
        ("get_metre", c_int, [c_void_p, POINTER(RawMetre)]),
    ):
        entry = getattr(lib, "yourmt3_" + function)
        entry.restype, entry.argtypes = result, arguments
    return lib


lib = _load()


def version() -> str:
    """ "MAJOR.MINOR.PATCH" of the library."""
    return lib.yourmt3_version().decode()


def check(status: int) -> None:
    if status != Status.OK:
        raise Error(Status(status), lib.yourmt3_last_error().decode(errors="replace"))
