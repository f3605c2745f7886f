import { noteAt, noteBox, type Roll } from './roll';
import type { Note } from './notes';
import type { Song } from './song';

/** How far chosen notes are dragged. */
export interface Shift {
  time: number; // Seconds.
  pitch: number; // Semitones.
  length: number; // Seconds that their ends are moved by.
}

export const NO_SHIFT: Shift = { time: 0, pitch: 0, length: 0 };

export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** What the gestures do; the roll's owner decides whether notes may be changed. */
export interface GestureActions {
  editable(): boolean;
  isChosen(id: number): boolean;
  choose(ids: number[], keep: boolean): void;
  hear(note: Note): void;
  drag(shift: Shift): void;
  drop(shift: Shift): void;
  box(box: Box | null): void;
  seek(time: number): void;
  addNote(time: number, pitch: number): void;
  looked(): void; // The view was changed by hand.
}

const GRID = 0.01; // Seconds; as fine as the networks hear.
const START = 4; // Pixels of a movement that is meant.

type Gesture =
  | { kind: 'overview' }
  | { kind: 'ruler' }
  | { kind: 'notes'; resize: boolean; shift: Shift; moved: boolean }
  | { kind: 'ground'; moved: boolean; keep: boolean };

/** Mouse, pen, fingers and wheel on the roll. */
export class Gestures {
  private gesture: Gesture | null = null;
  private x = 0; // Where it began, in pixels of the roll.
  private y = 0;
  private readonly fingers = new Map<number, PointerEvent>();

  constructor(
    private readonly roll: Roll,
    private readonly song: () => Song,
    private readonly actions: GestureActions,
  ) {
    const { canvas } = roll;
    canvas.addEventListener('pointerdown', (event) => this.down(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    canvas.addEventListener('pointerup', (event) => this.up(event));
    canvas.addEventListener('pointercancel', (event) => this.cancel(event));
    canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    canvas.addEventListener('dblclick', (event) => this.twice(event));
  }

  private place(event: MouseEvent): { x: number; y: number } {
    const box = this.roll.canvas.getBoundingClientRect();
    const { x, y } = this.roll.origin;
    return { x: event.clientX - box.left - x, y: event.clientY - box.top - y };
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.roll.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, event);
    if (this.fingers.size > 1) {
      this.gesture = null;
      this.actions.box(null);
      this.actions.drag(NO_SHIFT);
      return;
    }
    const { x, y } = this.place(event);
    this.x = x;
    this.y = y;
    if (y < -(this.roll.origin.y - this.roll.overviewHeight)) {
      this.gesture = { kind: 'overview' };
      this.lookAt(x);
    } else if (y < 0) {
      this.gesture = { kind: 'ruler' };
      this.actions.seek(this.roll.view.time(x));
    } else {
      this.begin(x, y, event.shiftKey || event.ctrlKey || event.metaKey);
    }
  }

  private begin(x: number, y: number, keep: boolean): void {
    const note = noteAt(this.roll.view, this.song(), x, y);
    if (!note) {
      this.gesture = { kind: 'ground', moved: false, keep };
      return;
    }
    if (keep || !this.actions.isChosen(note.id)) this.actions.choose([note.id], keep);
    this.actions.hear(note);
    const box = noteBox(this.roll.view, note);
    const resize = box.width > 14 && x > box.x + box.width - 6;
    this.gesture = { kind: 'notes', resize, shift: NO_SHIFT, moved: false };
  }

  private move(event: PointerEvent): void {
    const { x, y } = this.place(event);
    const before = this.fingers.get(event.pointerId);
    if (this.fingers.size === 2 && before) {
      this.pinch(event, before);
      return;
    }
    const { gesture } = this;
    if (!gesture) {
      this.showCursor(x, y);
      return;
    }
    const far = Math.abs(x - this.x) > START || Math.abs(y - this.y) > START;
    const { view } = this.roll;
    if (gesture.kind === 'overview') {
      this.lookAt(x);
    } else if (gesture.kind === 'ruler') {
      this.actions.seek(view.time(x));
    } else if (gesture.kind === 'ground') {
      gesture.moved ||= far;
      if (!gesture.moved) return;
      if (event.pointerType === 'touch') {
        view.scrollTo(view.start - (x - this.x) / view.scale);
        this.x = x;
        this.actions.looked();
      } else {
        this.actions.box({ x0: Math.min(x, this.x), y0: Math.min(y, this.y), x1: Math.max(x, this.x), y1: Math.max(y, this.y) });
      }
    } else if (this.actions.editable()) {
      gesture.moved ||= far;
      if (!gesture.moved) return;
      const time = Math.round((x - this.x) / view.scale / GRID) * GRID;
      gesture.shift = gesture.resize
        ? { time: 0, pitch: 0, length: time }
        : { time, pitch: -Math.round((y - this.y) / view.semitone), length: 0 };
      this.actions.drag(gesture.shift);
    }
  }

  private up(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    const { gesture } = this;
    this.gesture = null;
    if (gesture?.kind === 'notes' && gesture.moved) {
      this.actions.drop(gesture.shift);
    } else if (gesture?.kind === 'ground') {
      const { x, y } = this.place(event);
      this.actions.box(null);
      if (!gesture.moved) {
        this.actions.choose([], false);
        this.actions.seek(this.roll.view.time(x));
      } else if (event.pointerType !== 'touch') {
        this.chooseInside({ x0: Math.min(x, this.x), y0: Math.min(y, this.y), x1: Math.max(x, this.x), y1: Math.max(y, this.y) }, gesture.keep);
      }
    }
  }

  private cancel(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.gesture = null;
    this.actions.box(null);
    this.actions.drag(NO_SHIFT);
  }

  private chooseInside(box: Box, keep: boolean): void {
    const { view } = this.roll;
    const inside = this.song()
      .between(view.time(box.x0), view.time(box.x1))
      .filter((note) => {
        const at = noteBox(view, note);
        return at.y < box.y1 && at.y + at.height > box.y0 && at.x < box.x1;
      });
    this.actions.choose(inside.map((note) => note.id), keep);
  }

  private pinch(event: PointerEvent, before: PointerEvent): void {
    const other = [...this.fingers.values()].find((one) => one.pointerId !== event.pointerId)!;
    const was = Math.abs(before.clientX - other.clientX);
    const now = Math.abs(event.clientX - other.clientX);
    this.fingers.set(event.pointerId, event);
    if (was > 10 && now > 10) this.roll.view.zoom(now / was, (this.place(event).x + this.place(other).x) / 2);
    this.actions.looked();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { view } = this.roll;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      view.zoom(Math.exp(-event.deltaY * unit * 0.0025), this.place(event).x);
    } else {
      const distance = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
      view.scrollTo(view.start + (distance * unit) / view.scale);
    }
    this.actions.looked();
  }

  private twice(event: MouseEvent): void {
    const { x, y } = this.place(event);
    const { view } = this.roll;
    if (x < 0 || y < 0 || y >= view.pitchesHeight || !this.actions.editable()) return;
    if (noteAt(view, this.song(), x, y)) return;
    this.actions.addNote(Math.max(0, Math.round(view.time(x) / GRID) * GRID), view.pitch(y));
  }

  /** Brings the time at a place of the overview into the middle. */
  private lookAt(x: number): void {
    const { view } = this.roll;
    view.scrollTo(this.roll.overviewTime(x + this.roll.origin.x) - view.seconds / 2);
    this.actions.looked();
  }

  private showCursor(x: number, y: number): void {
    const { view, canvas } = this.roll;
    let cursor = 'default';
    if (x >= 0 && y >= 0) {
      const note = noteAt(view, this.song(), x, y);
      if (note) {
        const box = noteBox(view, note);
        cursor = box.width > 14 && x > box.x + box.width - 6 ? 'ew-resize' : 'grab';
      }
    } else if (x >= 0) {
      cursor = 'pointer';
    }
    canvas.style.cursor = cursor;
  }
}
