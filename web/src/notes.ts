/** A note as the server tells it; `id` is the page's own and stays the same while the note is edited. */
export interface Note {
  id: number;
  onset: number; // Seconds, as the next.
  offset: number;
  pitch: number; // MIDI pitch; for drums the key of the kit.
  program: number; // MIDI program counted from 0; DRUMS for drums.
  velocity: number;
  confidence?: number; // 0 to 1, where the server tells it; not of notes that somebody changed.
}

export const DRUMS = 128;

/** What the server sends: one entry of "notes" in a file of notes, or in an event. */
export interface WireNote {
  onset_sec: number;
  offset_sec: number;
  pitch: number;
  program: number;
  is_drum?: boolean;
  velocity?: number;
  confidence?: number;
}

let nextId = 1;

export function newId(): number {
  return nextId++;
}

export function fromWire(wire: WireNote): Note {
  const note: Note = {
    id: newId(),
    onset: wire.onset_sec,
    offset: Math.max(wire.offset_sec, wire.onset_sec),
    pitch: wire.pitch,
    program: wire.is_drum ? DRUMS : wire.program,
    velocity: wire.velocity ?? 1,
  };
  if (wire.confidence !== undefined) note.confidence = wire.confidence;
  return note;
}

/** The body of a file of notes, format "yourmt3-notes" version 1. */
export function toNotesFile(notes: readonly Note[]): string {
  const wire = notes.map((n) => ({
    onset_sec: n.onset,
    offset_sec: n.offset,
    pitch: n.pitch,
    program: n.program,
    is_drum: n.program === DRUMS,
    velocity: n.velocity,
    ...(n.confidence !== undefined && { confidence: n.confidence }),
  }));
  return JSON.stringify({ format: 'yourmt3-notes', version: 1, notes: wire });
}

export function compareNotes(a: Note, b: Note): number {
  return a.onset - b.onset || a.program - b.program || a.pitch - b.pitch || a.id - b.id;
}

const NAMES = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];

/** "C4" for 60. */
export function pitchName(pitch: number): string {
  return `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

export function isBlackKey(pitch: number): boolean {
  return [1, 3, 6, 8, 10].includes(pitch % 12);
}

/** General MIDI level 1 percussion, keys 35 to 81. */
const DRUM_NAMES =
  ('Bass drum 2,Bass drum,Side stick,Snare,Hand clap,Snare 2,Low floor tom,Closed hi-hat,High floor tom,Pedal hi-hat,' +
    'Low tom,Open hi-hat,Low-mid tom,Hi-mid tom,Crash,High tom,Ride,China,Ride bell,Tambourine,Splash,Cowbell,Crash 2,' +
    'Vibraslap,Ride 2,High bongo,Low bongo,Mute conga,Open conga,Low conga,High timbale,Low timbale,High agogo,Low agogo,' +
    'Cabasa,Maracas,Short whistle,Long whistle,Short guiro,Long guiro,Claves,High wood block,Low wood block,Mute cuica,' +
    'Open cuica,Mute triangle,Open triangle').split(',');

export function drumName(key: number): string {
  return DRUM_NAMES[key - 35] ?? `Drum ${key}`;
}

export function noteName(note: Note): string {
  return note.program === DRUMS ? drumName(note.pitch) : pitchName(note.pitch);
}
