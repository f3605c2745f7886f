import { compareNotes, type Note } from './notes';

/** Seconds of one bucket of the index. */
const BUCKET = 2;

/** One change of the notes, which can be taken back: these went, those came. */
export interface Edit {
  label: string;
  removed: Note[];
  added: Note[];
}

/** The notes of a piece, sorted, found quickly by time, and edited with undo. */
export class Song {
  private byId = new Map<number, Note>();
  private sorted: Note[] = [];
  private buckets: Note[][] = [];
  private done: Edit[] = [];
  private undone: Edit[] = [];
  /** Grows with every change of the notes. */
  version = 0;

  constructor(notes: Iterable<Note> = []) {
    this.reset(notes);
  }

  get notes(): readonly Note[] {
    return this.sorted;
  }

  get(id: number): Note | undefined {
    return this.byId.get(id);
  }

  /** All notes anew; what was done before cannot be taken back. */
  reset(notes: Iterable<Note>): void {
    this.byId = new Map([...notes].map((n) => [n.id, n]));
    this.done = [];
    this.undone = [];
    this.index();
  }

  /** Notes that sound at some time in [from, to), each once, those that begin earlier first. */
  between(from: number, to: number): Note[] {
    const found: Note[] = [];
    const first = Math.max(0, Math.floor(from / BUCKET));
    const last = Math.min(this.buckets.length - 1, Math.floor(to / BUCKET));
    for (let b = first; b <= last; ++b) {
      for (const note of this.buckets[b] ?? []) {
        // A note stands in every bucket it touches; it is taken from the first of them that is looked at.
        const own = Math.max(first, Math.floor(note.onset / BUCKET));
        if (own === b && note.onset < to && note.offset >= from) found.push(note);
      }
    }
    return found;
  }

  /** Index of the first note that begins at `time` or later. */
  firstFrom(time: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]!.onset < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  indexOf(note: Note): number {
    for (let i = this.firstFrom(note.onset); i < this.sorted.length; ++i) {
      if (this.sorted[i]!.id === note.id) return i;
    }
    return -1;
  }

  /** Changes notes: each is replaced by what `change` makes of it, or removed when that is nothing. */
  edit(label: string, ids: Iterable<number>, change: (note: Note) => Note | null): void {
    const edit: Edit = { label, removed: [], added: [] };
    for (const id of ids) {
      const note = this.byId.get(id);
      if (!note) continue;
      const changed = change(note);
      if (changed && sameNote(changed, note)) continue;
      edit.removed.push(note);
      if (!changed) continue;
      const { confidence: _, ...certain } = changed;
      edit.added.push({ ...certain, id });
    }
    this.carryOut(edit);
  }

  add(note: Note): void {
    this.carryOut({ label: 'add', removed: [], added: [note] });
  }

  get undoLabel(): string | null {
    return this.done.at(-1)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.undone.at(-1)?.label ?? null;
  }

  undo(): Edit | null {
    const edit = this.done.pop();
    if (!edit) return null;
    this.apply(edit.added, edit.removed);
    this.undone.push(edit);
    return edit;
  }

  redo(): Edit | null {
    const edit = this.undone.pop();
    if (!edit) return null;
    this.apply(edit.removed, edit.added);
    this.done.push(edit);
    return edit;
  }

  /** Notes that were found while the piece is still being listened to. */
  take(notes: Note[]): void {
    this.apply([], notes);
  }

  private carryOut(edit: Edit): void {
    if (edit.removed.length === 0 && edit.added.length === 0) return;
    this.apply(edit.removed, edit.added);
    this.done.push(edit);
    this.undone = [];
  }

  private apply(removed: readonly Note[], added: readonly Note[]): void {
    for (const note of removed) this.byId.delete(note.id);
    for (const note of added) this.byId.set(note.id, note);
    this.index();
  }

  private index(): void {
    this.sorted = [...this.byId.values()].sort(compareNotes);
    this.buckets = [];
    for (const note of this.sorted) {
      const last = Math.floor(note.offset / BUCKET);
      for (let b = Math.max(0, Math.floor(note.onset / BUCKET)); b <= last; ++b) (this.buckets[b] ??= []).push(note);
    }
    ++this.version;
  }
}

function sameNote(a: Note, b: Note): boolean {
  return a.onset === b.onset && a.offset === b.offset && a.pitch === b.pitch && a.program === b.program;
}
