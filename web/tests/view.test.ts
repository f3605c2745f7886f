import { describe, expect, it } from 'vitest';
import { NO_SHIFT } from '../src/gestures';
import { DRUMS, newId, type Note } from '../src/notes';
import { noteAt, noteBox, shifted } from '../src/roll';
import { Song } from '../src/song';
import { clock, countNotes, tickStep, View } from '../src/view';

function viewOf(duration: number): View {
  const view = new View();
  view.duration = duration;
  view.resize(1000, 400);
  view.fitPitches([60, 72], [36, 38]);
  view.fit();
  return view;
}

function note(onset: number, offset: number, pitch = 60, program = 0): Note {
  return { id: newId(), onset, offset, pitch, program, velocity: 1 };
}

describe('View', () => {
  it('shows the whole piece and turns places into times and back', () => {
    const view = viewOf(50);
    expect(view.scale).toBe(20);
    expect(view.x(25)).toBe(500);
    expect(view.time(500)).toBe(25);
  });
  it('keeps what is under the pointer when it zooms', () => {
    const view = viewOf(50);
    const time = view.time(700);
    view.zoom(5, 700);
    expect(view.time(700)).toBeCloseTo(time, 9);
    view.zoom(1e9, 700);
    expect(view.scale).toBe(View.MAX_SCALE);
    view.zoom(1e-9, 700);
    expect([view.start, view.scale]).toEqual([0, 20]);
  });
  it('never leaves the piece', () => {
    const view = viewOf(50);
    view.zoom(2, 0);
    view.scrollTo(-5);
    expect(view.start).toBe(0);
    view.scrollTo(1000);
    expect(view.end).toBeCloseTo(50, 9);
  });
  it('has room for all pitches and a lane for each drum', () => {
    const view = viewOf(50);
    expect(view.lowest).toBeLessThanOrEqual(58);
    expect(view.highest).toBeGreaterThanOrEqual(74);
    expect(view.highest - view.lowest).toBeGreaterThanOrEqual(24);
    expect(view.lanes).toEqual([38, 36]);
    expect(view.pitch(view.y(65) + 1)).toBe(65);
    expect(view.laneY(36) + view.laneHeight).toBeLessThanOrEqual(400);
    view.fitPitches([], []);
    expect([view.lowest, view.highest, view.drumsHeight]).toEqual([46, 74, 0]);
    view.fitPitches([0, 127], []);
    expect([view.lowest, view.highest]).toEqual([0, 127]);
  });
});

describe('the roll', () => {
  it('finds the note under the pointer', () => {
    const view = viewOf(50);
    const low = note(10, 20, 60);
    const drum = note(30, 30.01, 36, DRUMS);
    const song = new Song([low, drum]);
    expect(noteAt(view, song, view.x(15), view.y(60) + 2)).toBe(low);
    expect(noteAt(view, song, view.x(15), view.y(62) + 2)).toBeNull();
    expect(noteAt(view, song, view.x(25), view.y(60) + 2)).toBeNull();
    const box = noteBox(view, drum);
    expect(noteAt(view, song, box.x + 1, box.y + 3)).toBe(drum);
  });
  it('moves notes within what there is', () => {
    const a = note(0.5, 1, 126);
    expect(shifted(a, { ...NO_SHIFT, time: -2, pitch: 5 })).toMatchObject({ onset: 0, offset: 0.5, pitch: 127 });
    expect(shifted(a, { ...NO_SHIFT, length: -9 }).offset).toBeCloseTo(0.51, 9);
    expect(shifted(note(0, 0.01, 38, DRUMS), { ...NO_SHIFT, pitch: 3 }).pitch).toBe(38);
  });
});

describe('numbers of notes', () => {
  it('are one or many', () => {
    expect([0, 1, 2, 20000].map(countNotes)).toEqual(['0 notes', '1 note', '2 notes', '20,000 notes']);
  });
});

describe('times', () => {
  it('are written as on a clock', () => {
    expect([0, 5, 65, 3725, 59.999].map((t) => clock(t))).toEqual(['0:00', '0:05', '1:05', '1:02:05', '1:00']);
    expect([0.05, 59.99, 59.999].map((t) => clock(t, 2))).toEqual(['0:00.05', '0:59.99', '1:00.00']);
  });
  it('are labelled with room between them', () => {
    expect([1, 20, 100, 1000].map((scale) => tickStep(scale, 80))).toEqual([120, 5, 1, 0.1]);
  });
});
