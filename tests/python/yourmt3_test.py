"""The Python module: what it tells is what the library tells."""
import array
import math
import os
import pathlib
import tempfile
import unittest
import wave

import yourmt3

SAMPLE = pathlib.Path(os.environ["YOURMT3_TEST_SAMPLE"])
MODEL, TONES = SAMPLE / "tiny.safetensors", SAMPLE / "tones.wav"


def tones_as_samples():
    with wave.open(str(TONES)) as file:
        assert file.getsampwidth() == 2
        values = array.array("h", file.readframes(file.getnframes()))
        return array.array("f", (value / 32768 for value in values)), file.getframerate(), file.getnchannels()


class Module(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.transcriber = yourmt3.Transcriber(MODEL, threads=1)
        cls.heard = cls.transcriber.transcribe(TONES)

    def test_a_file_gives_notes_and_midi(self):
        self.assertTrue(self.heard.notes)
        for note in self.heard.notes:
            self.assertLessEqual(note.onset, note.offset)
            self.assertTrue(note.instrument)
            self.assertTrue(0 < note.confidence <= 1)
        self.assertEqual(sorted(note.onset for note in self.heard.notes), [note.onset for note in self.heard.notes])
        with tempfile.TemporaryDirectory() as folder:
            midi = pathlib.Path(folder, "notes.mid")
            self.heard.write_midi(midi)
            self.assertEqual(midi.read_bytes()[:4], b"MThd")

    def test_tokens_are_chosen_as_asked(self):
        organ = self.transcriber.with_decoding(only=["organ"], constrained=True).transcribe(TONES)
        self.assertEqual({note.program for note in organ.notes}, {16})
        drums = self.transcriber.with_decoding(without=["drums"]).transcribe(TONES)
        self.assertFalse([note for note in drums.notes if note.is_drum])
        with self.assertRaises(yourmt3.Error) as caught:
            self.transcriber.with_decoding(only="kazoo")
        self.assertEqual(caught.exception.status, yourmt3.Status.NOT_FOUND)

    def test_scores_and_beats(self):
        beats = self.heard.beats()
        self.assertTrue(beats.times)
        self.assertEqual(sorted(beats.times), beats.times)
        self.assertLessEqual(set(beats.downbeats), set(beats.times))
        self.assertGreater(beats.tempo, 0)
        self.assertRegex(beats.time_signature, r"^\d+/[48]$")
        self.assertRegex(beats.key, r"^[A-G][#b]? (major|minor)$")
        with tempfile.TemporaryDirectory() as folder:
            score, packed, midi = (pathlib.Path(folder, name) for name in ("a.musicxml", "a.mxl", "a.mid"))
            self.heard.write_musicxml(score, "Tones & more")
            self.assertIn("<work-title>Tones &amp; more</work-title>", score.read_text(encoding="utf-8"))
            self.heard.write_musicxml(packed)
            self.assertEqual(packed.read_bytes()[:2], b"PK")
            self.heard.write_midi(midi, beats=True)
            self.assertIn(b"\xff\x58", midi.read_bytes())
            with self.assertRaises(yourmt3.Error) as caught:
                self.heard.write_musicxml(pathlib.Path(folder, "no", "such.musicxml"))
            self.assertEqual(caught.exception.status, yourmt3.Status.IO)

    def test_samples_of_any_kind_give_the_same(self):
        samples, rate, n_channels = tones_as_samples()
        for given in (samples, bytes_of(samples), list(samples), array.array("d", samples)):
            heard = self.transcriber.transcribe_samples(given, rate, n_channels)
            self.assertEqual(heard.notes, self.heard.notes, type(given))
            self.assertAlmostEqual(heard.duration, self.heard.duration)

    def test_a_stream_tells_notes_on_the_way(self):
        samples, rate, n_channels = tones_as_samples()
        told = []
        with self.transcriber.stream(rate, n_channels, told.extend) as stream:
            for at in range(0, len(samples), 4000 * n_channels):
                stream.push(samples[at : at + 4000 * n_channels])
            heard = stream.finish()
        self.assertEqual(heard.notes, self.heard.notes)
        self.assertEqual(sorted(told), sorted(heard.notes))
        with self.assertRaises(yourmt3.Error):
            stream.push(samples)

    def test_notes_and_progress_are_told(self):
        told, progress = [], []
        heard = self.transcriber.transcribe(TONES, lambda *seconds: progress.append(seconds), told.extend)
        self.assertEqual(sorted(told), sorted(heard.notes))
        self.assertAlmostEqual(progress[-1][0], heard.duration, places=3)

    def test_false_cancels_and_exceptions_come_through(self):
        with self.assertRaises(yourmt3.Error) as caught:
            self.transcriber.transcribe(TONES, lambda done, total: False)
        self.assertEqual(caught.exception.status, yourmt3.Status.CANCELLED)

        def fail(*_):
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            self.transcriber.transcribe(TONES, fail)
        with self.assertRaises(ZeroDivisionError):
            self.transcriber.transcribe(TONES, None, fail)

    def test_errors_have_a_status_and_a_message(self):
        for call, status in (
            (lambda: yourmt3.Transcriber("/none.safetensors"), yourmt3.Status.NOT_FOUND),
            (lambda: self.transcriber.transcribe("/none.wav"), yourmt3.Status.NOT_FOUND),
            (lambda: self.transcriber.transcribe_samples([math.nan], 16000), yourmt3.Status.INVALID_ARGUMENT),
            (lambda: self.transcriber.transcribe_samples([0.0], 0), yourmt3.Status.INVALID_ARGUMENT),
            (lambda: self.transcriber.stream(16000, 0), yourmt3.Status.INVALID_ARGUMENT),
        ):
            with self.assertRaises(yourmt3.Error) as caught:
                call()
            self.assertEqual(caught.exception.status, status)
            self.assertTrue(str(caught.exception))
        with self.assertRaises(ValueError):
            self.transcriber.transcribe_samples([0.0, 0.0, 0.0], 16000, 2)

    def test_names(self):
        self.assertEqual(yourmt3.instrument_name(yourmt3.DRUMS), "Drums")
        self.assertRegex(yourmt3.version(), r"^\d+\.\d+\.\d+$")


def bytes_of(samples):
    return memoryview(samples.tobytes()).cast("f")  # Read-only.


if __name__ == "__main__":
    unittest.main()
