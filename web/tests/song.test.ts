import { describe, expect, it } from 'vitest';
import { DRUMS, fromWire, newId, noteName, pitchName, toNotesFile, type Note } from '../src/notes';
import { Song } from '../src/song';

function note(onset: number, offset: number, pitch = 60, program = 0): Note {
  return { id: newId(), onset, offset, pitch, program, velocity: 1 };
}

describe('notes', () => {
  it('are the same after a way to the server and back', () => {
    const wire = { onset_sec: 0.5, offset_sec: 1.25, pitch: 61, program: 40, is_drum: false, velocity: 1 };
    const heard = { onset_sec: 0.75, offset_sec: 1, pitch: 62, program: 40, is_drum: false, velocity: 1, confidence: 0.25 };
    const drum = { onset_sec: 1, offset_sec: 1.01, pitch: 36, program: 128, is_drum: true, velocity: 1 };
    const file = JSON.parse(toNotesFile([fromWire(wire), fromWire(heard), fromWire(drum)]));
    expect(file).toEqual({ format: 'yourmt3-notes', version: 1, notes: [wire, heard, drum] });
  });
  it('know drums by their flag and keep a confidence', () => {
    expect(fromWire({ onset_sec: 0, offset_sec: 0, pitch: 38, program: 0, is_drum: true }).program).toBe(DRUMS);
    expect(fromWire({ onset_sec: 0, offset_sec: 1, pitch: 38, program: 0, confidence: 0.5 }).confidence).toBe(0.5);
    expect('confidence' in fromWire({ onset_sec: 0, offset_sec: 1, pitch: 38, program: 0 })).toBe(false);
  });
  it('have names', () => {
    expect([0, 60, 69, 127].map(pitchName)).toEqual(['C-1', 'C4', 'A4', 'G9']);
    expect(noteName(note(0, 1, 36, DRUMS))).toBe('Bass drum');
    expect(noteName(note(0, 1, 81, DRUMS))).toBe('Open triangle');
    expect(noteName(note(0, 1, 20, DRUMS))).toBe('Drum 20');
  });
});

describe('Song', () => {
  it('takes the confidence from notes that are changed, and gives it back', () => {
    const heard = { ...note(0, 1), confidence: 0.5 };
    const song = new Song([heard]);
    song.edit('pitch', [heard.id], (n) => ({ ...n, pitch: 61 }));
    expect(song.get(heard.id)).toEqual({ id: heard.id, onset: 0, offset: 1, pitch: 61, program: 0, velocity: 1 });
    song.undo();
    expect(song.get(heard.id)).toEqual(heard);
  });
  it('finds what sounds in a stretch of time, each note once', () => {
    const long = note(0, 100);
    const short = note(10, 10.5);
    const later = note(30, 31);
    const song = new Song([later, long, short]);
    expect(song.between(10.2, 10.3)).toEqual([long, short]);
    expect(song.between(10.6, 29)).toEqual([long]);
    expect(song.between(0, 1000)).toEqual([long, short, later]);
    expect(song.between(101, 200)).toEqual([]);
    expect(song.between(30, 30.001)).toEqual([long, later]);
  });
  it('agrees with a search of all notes', () => {
    let state = 7;
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const notes = Array.from({ length: 500 }, () => {
      const onset = 60 * random();
      return note(onset, onset + 8 * random() ** 3, Math.floor(128 * random()));
    });
    const song = new Song(notes);
    for (let i = 0; i < 200; ++i) {
      const from = 62 * random();
      const to = from + 10 * random();
      const expected = song.notes.filter((n) => n.onset < to && n.offset >= from).map((n) => n.id);
      expect(song.between(from, to).map((n) => n.id).sort((a, b) => a - b)).toEqual([...expected].sort((a, b) => a - b));
    }
  });
  it('finds the first note from a time on', () => {
    const song = new Song([note(1, 2), note(2, 3), note(2, 3, 72)]);
    expect([0, 1, 1.5, 2, 9].map((t) => song.firstFrom(t))).toEqual([0, 0, 1, 1, 3]);
    expect(song.indexOf(song.notes[2]!)).toBe(2);
  });
  it('edits, undoes and redoes', () => {
    const [a, b] = [note(0, 1), note(1, 2)];
    const song = new Song([a, b]);
    song.edit('move', [a.id], (n) => ({ ...n, pitch: 62, onset: 3, offset: 4 }));
    expect(song.notes.map((n) => n.pitch)).toEqual([60, 62]);
    song.edit('delete', [b.id], () => null);
    expect(song.notes.length).toBe(1);
    expect(song.undoLabel).toBe('delete');
    song.undo();
    song.undo();
    expect(song.notes).toEqual([a, b]);
    expect(song.undoLabel).toBeNull();
    expect(song.undo()).toBeNull();
    song.redo();
    expect(song.get(a.id)!.pitch).toBe(62);
    expect(song.redoLabel).toBe('delete');
  });
  it('forgets what could be redone when something else is done', () => {
    const a = note(0, 1);
    const song = new Song([a]);
    song.edit('delete', [a.id], () => null);
    song.undo();
    song.add(note(5, 6));
    expect(song.redo()).toBeNull();
    expect(song.notes.length).toBe(2);
  });
  it('does not remember edits that change nothing', () => {
    const a = note(0, 1);
    const song = new Song([a]);
    const { version } = song;
    song.edit('move', [a.id, 999999], (n) => ({ ...n }));
    expect(song.undoLabel).toBeNull();
    expect(song.version).toBe(version);
  });
  it('takes notes that are found while it grows', () => {
    const song = new Song();
    song.take([note(2, 3), note(0, 1)]);
    song.take([note(1, 4)]);
    expect(song.notes.map((n) => n.onset)).toEqual([0, 1, 2]);
    expect(song.undoLabel).toBeNull();
  });
});
