import type { Box, Shift } from './gestures';
import { colour, type Instruments } from './instruments';
import { DRUMS, drumName, isBlackKey, pitchName, type Note } from './notes';
import type { Peaks } from './peaks';
import type { Song } from './song';
import { clock, tickStep, View } from './view';

const TILE = 512; // CSS pixels; a tile is drawn once and then copied while the piece scrolls by.
const MAX_TILES = 32;
const RULER = 24;
const GUTTER = 52;
const OVERVIEW = 56;

/** Colours of everything that is not a note; read from the style sheet, so that it alone knows the themes. */
interface Theme {
  dark: boolean;
  background: string;
  black: string;
  line: string;
  strong: string;
  text: string;
  wave: string;
  accent: string;
  veil: string;
}

export interface RollState {
  song: Song;
  peaks: Peaks | null;
  position: number; // Seconds; where it plays.
  heardTo: number | null; // While it is being transcribed: seconds that are done.
  selected: ReadonlySet<number>;
  silent: (program: number) => boolean; // Muted, or another one plays solo.
  shift: Shift; // Of the chosen notes, while they are dragged.
  box: Box | null; // Chosen by dragging; pixels of the roll.
}

/** The note as it will be when what is dragged is dropped. */
export function shifted(note: Note, shift: Shift): Note {
  const time = Math.max(shift.time, -note.onset);
  const onset = note.onset + time;
  const offset = Math.max(onset + 0.01, note.offset + time + shift.length);
  // Drums stay the drums they are: their lanes are no scale.
  const pitch = note.program === DRUMS ? note.pitch : Math.max(0, Math.min(127, note.pitch + shift.pitch));
  return { ...note, onset, offset, pitch };
}

/** Where a note is drawn, in pixels of the roll. */
export function noteBox(view: View, note: Note): { x: number; y: number; width: number; height: number } {
  const x = view.x(note.onset);
  if (note.program === DRUMS) {
    const size = Math.max(3, view.laneHeight - 3);
    return { x, y: view.laneY(note.pitch) + 1, width: Math.max(3, Math.min(size, 0.12 * view.scale)), height: size };
  }
  const gap = view.semitone > 5 ? 1 : 0;
  return { x, y: view.y(note.pitch) + gap / 2, width: Math.max(1.5, (note.offset - note.onset) * view.scale - gap), height: Math.max(1.5, view.semitone - gap) };
}

/** The topmost note at a place of the roll; `slack` pixels beside it count, too. */
export function noteAt(view: View, song: Song, x: number, y: number, slack = 3): Note | null {
  const near = song.between(view.time(x - slack - 16), view.time(x + slack));
  let best: Note | null = null;
  let closest = Infinity;
  for (const note of near) {
    const box = noteBox(view, note);
    const dx = Math.max(box.x - x, x - (box.x + box.width), 0);
    const dy = Math.max(box.y - y, y - (box.y + box.height), 0);
    const distance = dx + dy;
    if (dx <= slack && dy <= 1 && distance <= closest) [best, closest] = [note, distance];
  }
  return best;
}

/** Draws the piano roll with its ruler, keys, waveform and overview. Draws only what is seen. */
export class Roll {
  readonly view = new View();
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private tiles = new Map<number, HTMLCanvasElement>();
  private tilesKey = '';
  private overview: HTMLCanvasElement | null = null;
  private overviewKey = '';
  private theme: Theme;
  private ratio = 1;
  private colours = new Map<number, string>();

  constructor(
    canvas: HTMLCanvasElement,
    private readonly instruments: Instruments,
  ) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { alpha: false })!;
    this.theme = this.readTheme();
  }

  /** Of the roll proper within the canvas. */
  get origin(): { x: number; y: number } {
    return { x: GUTTER, y: OVERVIEW + RULER };
  }
  get overviewHeight(): number {
    return OVERVIEW;
  }

  /** Second at a place of the overview. */
  overviewTime(x: number): number {
    return ((x - GUTTER) / Math.max(1, this.view.width)) * this.view.duration;
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    this.ratio = Math.max(1, window.devicePixelRatio || 1);
    this.canvas.width = Math.round(clientWidth * this.ratio);
    this.canvas.height = Math.round(clientHeight * this.ratio);
    this.view.resize(clientWidth - GUTTER, clientHeight - OVERVIEW - RULER);
    this.forget();
  }

  /** Everything is drawn anew: colours or sizes changed. */
  forget(): void {
    this.theme = this.readTheme();
    this.colours.clear();
    this.tiles.clear();
    this.tilesKey = '';
    this.overviewKey = '';
  }

  draw(state: RollState): void {
    const { context: c, view, theme } = this;
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.fillStyle = theme.background;
    c.fillRect(0, 0, view.width + GUTTER, view.height + OVERVIEW + RULER);
    this.refreshTiles(state);

    c.save();
    c.beginPath();
    c.rect(GUTTER, OVERVIEW + RULER, view.width, view.height);
    c.clip();
    c.translate(GUTTER, OVERVIEW + RULER);
    const left = view.start * view.scale;
    for (let tile = Math.floor(left / TILE); tile * TILE < left + view.width; ++tile) {
      const x = Math.round((tile * TILE - left) * this.ratio) / this.ratio;
      c.drawImage(this.tile(tile, state), x, 0, TILE, view.height);
    }
    this.drawPlaying(state);
    this.drawSelection(state);
    this.drawVeil(state);
    this.drawPlayhead(state.position);
    c.restore();
    this.drawRuler();
    this.drawKeys(state);
    this.drawOverview(state);
  }

  private refreshTiles(state: RollState): void {
    const { view } = this;
    const silent = this.instruments.all.filter((i) => state.silent(i.program)).map((i) => i.program);
    const key = [view.scale, view.height, view.lowest, view.highest, view.lanes.join(), state.song.version, silent.join(), state.peaks ? 1 : 0].join('|');
    if (key === this.tilesKey) return;
    this.tilesKey = key;
    this.tiles.clear();
  }

  private tile(index: number, state: RollState): HTMLCanvasElement {
    const known = this.tiles.get(index);
    if (known) return known;
    if (this.tiles.size >= MAX_TILES) this.tiles.delete(this.tiles.keys().next().value!);
    const tile = document.createElement('canvas');
    tile.width = Math.round(TILE * this.ratio);
    tile.height = Math.max(1, Math.round(this.view.height * this.ratio));
    const c = tile.getContext('2d', { alpha: false })!;
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.drawTile(c, index, state);
    this.tiles.set(index, tile);
    return tile;
  }

  /** The same lines and notes as seen by a view of its own that begins where the tile does. */
  private drawTile(c: CanvasRenderingContext2D, index: number, state: RollState): void {
    const { theme } = this;
    const view: View = Object.assign(new View(), this.view, { start: (index * TILE) / this.view.scale });
    const from = view.start;
    const to = from + TILE / view.scale;
    c.fillStyle = theme.background;
    c.fillRect(0, 0, TILE, view.height);
    c.fillStyle = theme.black;
    for (let pitch = view.lowest; pitch <= view.highest; ++pitch) {
      if (isBlackKey(pitch)) c.fillRect(0, view.y(pitch), TILE, view.semitone);
    }
    c.fillStyle = theme.line;
    for (let pitch = view.lowest; pitch <= view.highest; ++pitch) {
      if (pitch % 12 === 0) c.fillRect(0, Math.round(view.y(pitch) + view.semitone) - 0.5, TILE, 1);
    }
    for (const key of view.lanes) c.fillRect(0, Math.round(view.laneY(key) + view.laneHeight) - 0.5, TILE, 1);
    if (view.lanes.length > 0) {
      c.fillStyle = theme.strong;
      c.fillRect(0, Math.round(view.pitchesHeight) + 3, TILE, 1);
    }
    const step = tickStep(view.scale, 80);
    c.fillStyle = theme.line;
    for (let i = Math.ceil(from / step); i * step < to; ++i) c.fillRect(Math.round(view.x(i * step)), 0, 1, view.height);
    this.drawWave(c, view, state.peaks);
    this.drawNotes(c, view, state.song.between(from - 16 / view.scale, to), state);
  }

  private drawWave(c: CanvasRenderingContext2D, view: View, peaks: Peaks | null): void {
    if (!peaks) return;
    const middle = view.pitchesHeight / 2;
    c.fillStyle = this.theme.wave;
    c.beginPath();
    for (let x = 0; x < TILE; ++x) {
      const [low, high] = peaks.range(view.time(x), view.time(x + 1));
      c.rect(x, middle - high * middle * 0.92, 1, Math.max(1, (high - low) * middle * 0.92));
    }
    c.fill();
  }

  private drawNotes(c: CanvasRenderingContext2D, view: View, notes: readonly Note[], state: RollState): void {
    // Where a row is covered already by the same colour nothing more would be seen: far away, most notes are not drawn.
    const covered = new Map<number, number>();
    for (const program of [...new Set(notes.map((n) => n.program))]) {
      c.fillStyle = this.colourOf(program);
      c.globalAlpha = state.silent(program) ? 0.18 : 1;
      covered.clear();
      for (const note of notes) {
        if (note.program !== program) continue;
        const box = noteBox(view, note);
        const right = box.x + box.width;
        if (right <= (covered.get(note.pitch) ?? -Infinity) + 0.25) continue;
        covered.set(note.pitch, right);
        if (box.height >= 4 && box.width >= 5) {
          c.beginPath();
          c.roundRect(box.x, box.y, box.width, box.height, Math.min(2.5, box.height / 2.5));
          c.fill();
        } else {
          c.fillRect(box.x, box.y, box.width, box.height);
        }
      }
    }
    c.globalAlpha = 1;
  }

  private drawPlaying(state: RollState): void {
    if (state.position <= 0) return;
    const { context: c, view } = this;
    for (const note of state.song.between(state.position, state.position + 0.001)) {
      if (state.silent(note.program) || note.onset > state.position) continue;
      const box = noteBox(view, note);
      c.fillStyle = colour(this.instruments.of(note.program), this.theme.dark, this.theme.dark ? 0.16 : -0.12);
      c.fillRect(box.x, box.y, box.width, box.height);
    }
  }

  private drawSelection(state: RollState): void {
    const { context: c, view, theme } = this;
    c.lineWidth = 2;
    c.strokeStyle = theme.text;
    for (const id of state.selected) {
      const chosen = state.song.get(id);
      if (!chosen) continue;
      const note = shifted(chosen, state.shift);
      if (note.onset > view.end || note.offset < view.start) continue;
      const box = noteBox(view, note);
      c.fillStyle = colour(this.instruments.of(note.program), theme.dark);
      c.fillRect(box.x, box.y, box.width, box.height);
      c.strokeRect(box.x - 1, box.y - 1, box.width + 2, box.height + 2);
    }
    if (!state.box) return;
    const { x0, y0, x1, y1 } = state.box;
    c.fillStyle = theme.veil;
    c.fillRect(x0, y0, x1 - x0, y1 - y0);
    c.lineWidth = 1;
    c.strokeStyle = theme.accent;
    c.strokeRect(x0 + 0.5, y0 + 0.5, x1 - x0, y1 - y0);
  }

  /** What was not listened to yet. */
  private drawVeil(state: RollState): void {
    if (state.heardTo === null) return;
    const { context: c, view, theme } = this;
    const x = Math.max(0, view.x(state.heardTo));
    if (x > view.width) return;
    c.fillStyle = theme.veil;
    c.fillRect(x, 0, view.width - x, view.height);
    c.fillStyle = theme.accent;
    c.fillRect(x, 0, 2, view.height);
  }

  private drawPlayhead(position: number): void {
    const x = Math.round(this.view.x(position));
    if (x < -1 || x > this.view.width) return;
    this.context.fillStyle = this.theme.accent;
    this.context.fillRect(x - 0.75, 0, 1.5, this.view.height);
  }

  private drawRuler(): void {
    const { context: c, view, theme } = this;
    const step = tickStep(view.scale, 80);
    const decimals = step < 0.1 ? 2 : step < 1 ? (step === 0.25 ? 2 : 1) : 0;
    c.save();
    c.beginPath();
    c.rect(GUTTER, OVERVIEW, view.width, RULER);
    c.clip();
    c.fillStyle = theme.text;
    c.font = '11px system-ui, sans-serif';
    c.textBaseline = 'middle';
    for (let i = Math.ceil(view.start / step); i * step < view.end; ++i) {
      const x = GUTTER + Math.round(view.x(i * step));
      c.globalAlpha = 0.75;
      c.fillText(clock(i * step, decimals), x + 4, OVERVIEW + RULER / 2);
      c.globalAlpha = 0.35;
      c.fillRect(x, OVERVIEW + RULER - 7, 1, 7);
    }
    c.restore();
    c.fillStyle = theme.strong;
    c.fillRect(0, OVERVIEW + RULER - 1, view.width + GUTTER, 1);
  }

  private drawKeys(state: RollState): void {
    const { context: c, view, theme } = this;
    const top = OVERVIEW + RULER;
    const sounding = new Map<number, string>();
    if (state.position > 0) {
      for (const note of state.song.between(state.position, state.position + 0.001)) {
        if (note.program !== DRUMS && !state.silent(note.program)) sounding.set(note.pitch, this.colourOf(note.program));
      }
    }
    c.font = '10px system-ui, sans-serif';
    c.textBaseline = 'middle';
    c.fillStyle = theme.dark ? '#c3c6d2' : '#ffffff';
    c.fillRect(0, top, GUTTER - 1, view.pitchesHeight);
    for (let pitch = view.lowest; pitch <= view.highest; ++pitch) {
      const y = top + view.y(pitch);
      const height = Math.max(1, view.semitone);
      const black = isBlackKey(pitch);
      const colour = sounding.get(pitch);
      if (black || colour) {
        c.fillStyle = colour ?? '#2a2c35';
        c.fillRect(0, y, black ? GUTTER * 0.58 : GUTTER - 1, height);
      }
      // White keys meet behind every black one, and between B and C, E and F.
      c.fillStyle = '#8b8fa1';
      if (black) c.fillRect(GUTTER * 0.58, y + height / 2, GUTTER * 0.42 - 1, 0.75);
      else if (pitch % 12 === 0 || pitch % 12 === 5) c.fillRect(0, y + height - 0.4, GUTTER - 1, 0.75);
      if (pitch % 12 === 0 && view.semitone > 3) {
        c.fillStyle = '#4a4e5c';
        c.fillText(pitchName(pitch), GUTTER - 19, y + height / 2 + 0.5);
      }
    }
    c.fillStyle = theme.background;
    c.fillRect(0, top + view.pitchesHeight, GUTTER, view.drumsHeight);
    c.fillStyle = theme.text;
    c.globalAlpha = 0.75;
    c.font = '9px system-ui, sans-serif';
    if (view.laneHeight >= 9) {
      for (const key of view.lanes) c.fillText(drumName(key), 3, top + view.laneY(key) + view.laneHeight / 2, GUTTER - 6);
    }
    c.globalAlpha = 1;
    c.fillStyle = theme.strong;
    c.fillRect(GUTTER - 1, top, 1, view.height);
  }

  /** The whole piece, small, with a window where the roll is. */
  private drawOverview(state: RollState): void {
    const { context: c, view, theme } = this;
    const key = [view.width, view.duration, state.song.version, state.peaks ? 1 : 0, theme.dark, view.lowest, view.highest].join('|');
    if (key !== this.overviewKey) {
      this.overviewKey = key;
      this.overview = this.makeOverview(state);
    }
    if (this.overview) c.drawImage(this.overview, GUTTER, 0, view.width, OVERVIEW);
    const perSecond = view.width / view.duration;
    const x = GUTTER + view.start * perSecond;
    const width = Math.max(6, view.seconds * perSecond);
    c.fillStyle = theme.veil;
    c.fillRect(GUTTER, 0, x - GUTTER, OVERVIEW - 1);
    c.fillRect(x + width, 0, GUTTER + view.width - x - width, OVERVIEW - 1);
    c.strokeStyle = theme.accent;
    c.lineWidth = 1.5;
    c.strokeRect(x + 0.75, 0.75, width - 1.5, OVERVIEW - 2.5);
    c.fillStyle = theme.accent;
    c.fillRect(GUTTER + state.position * perSecond - 0.5, 0, 1, OVERVIEW);
    c.fillStyle = theme.strong;
    c.fillRect(0, OVERVIEW - 1, view.width + GUTTER, 1);
  }

  private makeOverview(state: RollState): HTMLCanvasElement {
    const { view, theme } = this;
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(view.width * this.ratio);
    canvas.height = Math.round(OVERVIEW * this.ratio);
    const c = canvas.getContext('2d', { alpha: false })!;
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.fillStyle = theme.background;
    c.fillRect(0, 0, view.width, OVERVIEW);
    const perPixel = view.duration / view.width;
    if (state.peaks) {
      c.fillStyle = theme.wave;
      for (let x = 0; x < view.width; ++x) {
        const [low, high] = state.peaks.range(x * perPixel, (x + 1) * perPixel);
        c.fillRect(x, (OVERVIEW / 2) * (1 - high * 0.95), 1, Math.max(1, (OVERVIEW / 2) * 0.95 * (high - low)));
      }
    }
    const row = (OVERVIEW - 8) / (view.highest - view.lowest + 1);
    for (const note of state.song.notes) {
      c.fillStyle = this.colourOf(note.program);
      const y = note.program === DRUMS ? OVERVIEW - 4 : 4 + (view.highest - note.pitch) * row;
      c.fillRect(note.onset / perPixel, y, Math.max(1, (note.offset - note.onset) / perPixel), Math.max(1.2, row));
    }
    return canvas;
  }

  private colourOf(program: number): string {
    let known = this.colours.get(program);
    if (!known) {
      known = colour(this.instruments.of(program), this.theme.dark);
      this.colours.set(program, known);
    }
    return known;
  }

  private readTheme(): Theme {
    const style = getComputedStyle(document.documentElement);
    const get = (name: string) => style.getPropertyValue(name).trim();
    return {
      dark: get('--dark') === '1',
      background: get('--roll'),
      black: get('--roll-black'),
      line: get('--roll-line'),
      strong: get('--border'),
      text: get('--text'),
      wave: get('--wave'),
      accent: get('--accent'),
      veil: get('--veil'),
    };
  }
}
