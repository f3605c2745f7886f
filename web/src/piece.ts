import * as api from './api';
import { announce, el, icon, iconButton, toast } from './dom';
import { Gestures, NO_SHIFT, type Box, type Shift } from './gestures';
import { Inspector } from './inspector';
import type { Instrument, Instruments } from './instruments';
import { Mixer } from './mixer';
import { DRUMS, newId, noteName, type Note } from './notes';
import { Peaks } from './peaks';
import { Player } from './player';
import { Roll, shifted } from './roll';
import { Saver } from './saver';
import { Song } from './song';
import { describeJob } from './start';
import { clock, countNotes } from './view';

const FORMATS: Record<string, string> = {
  midi: 'MIDI',
  musicxml: 'Sheet music (MusicXML)',
  mxl: 'Sheet music, packed (MXL)',
  json: 'Notes as JSON',
  csv: 'Notes as table (CSV)',
  png: 'Picture (PNG)',
  wav: 'Sound (WAV)',
  flac: 'Sound (FLAC)',
  ogg: 'Sound (Ogg)',
  opus: 'Sound (Opus)',
  mp3: 'Sound (MP3)',
};

const FIRST_SCALE = 45; // Pixels in a second.

/** One recording: its notes while they are found, and everything that can be done with them. */
export class PieceView {
  readonly element = el('div', { className: 'piece' });
  private readonly song = new Song();
  private readonly roll: Roll;
  private readonly player: Player;
  private readonly mixer: Mixer;
  private readonly inspector: Inspector;
  private readonly saver: Saver;
  private readonly resizing: ResizeObserver;
  private peaks: Peaks | null = null;
  private chosen = new Set<number>();
  private shift: Shift = NO_SHIFT;
  private box: Box | null = null;
  private heardTo: number | null = null;
  private following = true;
  private statusKey = '';
  private frame = 0;
  private stopFollowing: () => void = () => {};

  private readonly status = el('div', { className: 'status' });
  private readonly facts = el('span', { className: 'facts' });
  private readonly saved = el('span', { className: 'saved' });
  private readonly time = el('span', { className: 'time' });
  private readonly playButton = iconButton('play', 'Play', () => void this.player.toggle(), { className: 'icon-button play' });
  private readonly undoButton = iconButton('undo', 'Undo', () => this.undo());
  private readonly redoButton = iconButton('redo', 'Redo', () => this.redo());
  private readonly followButton = iconButton('follow', 'Follow while playing', () => this.follow(!this.following));
  private readonly balance = el('input', { type: 'range', min: '0', max: '1', step: '0.01', value: '0.5', 'aria-label': 'Balance of recording and notes' });
  private readonly abButton = el('button', { type: 'button', className: 'toggle ab', title: 'Recording or notes alone, in turn (B)' }, 'A/B');
  private readonly downloads = el('details', { className: 'menu' });
  private readonly surface: HTMLElement;

  constructor(
    private job: api.Job,
    private readonly info: api.Info,
    private readonly instruments: Instruments,
  ) {
    const canvas = el('canvas', {});
    this.surface = el('div', { className: 'surface', tabIndex: 0, role: 'application', 'aria-label': 'Piano roll', 'aria-describedby': 'roll-help' }, canvas);
    this.roll = new Roll(canvas, instruments);
    this.player = new Player(instruments, this.song, api.recordingAddress(job.id), job.duration_sec);
    this.player.onchange = () => this.refresh();
    this.mixer = new Mixer(instruments, this.player, (instrument) => this.chooseInstrument(instrument));
    this.inspector = new Inspector(instruments, {
      change: (label, change) => this.edit(label, change),
      remove: () => this.edit('delete', () => null),
    });
    this.saver = new Saver(
      () => api.putNotes(job.id, this.song.notes),
      (text) => (this.saved.textContent = text),
    );
    this.build();
    new Gestures(this.roll, () => this.song, {
      editable: () => this.editable,
      isChosen: (id) => this.chosen.has(id),
      choose: (ids, keep) => this.choose(ids, keep),
      hear: (note) => {
        if (!this.player.playing) this.player.preview(note);
      },
      drag: (shift) => {
        this.shift = shift;
        this.invalidate();
      },
      drop: (shift) => {
        this.shift = NO_SHIFT;
        this.edit('move', (note) => shifted(note, shift));
      },
      box: (box) => {
        this.box = box;
        this.invalidate();
      },
      seek: (time) => this.player.seek(time),
      addNote: (time, pitch) => this.addNote(time, pitch),
      looked: () => {
        if (this.player.playing) this.follow(false);
        this.invalidate();
      },
    });
    this.surface.onkeydown = (event) => this.key(event);
    this.resizing = new ResizeObserver(() => {
      this.roll.resize();
      this.invalidate();
    });
    this.resizing.observe(this.surface);
    void this.load();
  }

  /** The view goes away. */
  close(): void {
    void this.saver.flush();
    this.stopFollowing();
    this.player.close();
    this.resizing.disconnect();
    cancelAnimationFrame(this.frame);
  }

  get unsaved(): boolean {
    return this.saver.pending;
  }

  /** Colours changed. */
  recolour(): void {
    this.roll.forget();
    this.refresh();
  }

  /** Keys that work wherever the focus is. True when it was one of them. */
  globalKey(event: KeyboardEvent): boolean {
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (control && key === 'z') event.shiftKey ? this.redo() : this.undo();
    else if (control && key === 'y') this.redo();
    else if (control) return false;
    else if (key === ' ') void this.player.toggle();
    else if (key === 'b') this.alternate();
    else return false;
    return true;
  }

  private get editable(): boolean {
    return this.job.state === 'done';
  }

  private build(): void {
    const { view } = this.roll;
    const zoom = (factor: number) => {
      view.zoom(factor, view.width / 2);
      this.invalidate();
    };
    this.balance.oninput = () => (this.player.balance = Number(this.balance.value));
    this.abButton.onclick = () => this.alternate();
    this.buildDownloads();
    this.element.append(
      el(
        'div',
        { className: 'bar' },
        el('a', { className: 'icon-button quiet', href: '#', title: 'All recordings', 'aria-label': 'All recordings' }, icon('back')),
        el('h1', {}, this.job.name),
        this.facts,
        el('span', { className: 'spacer' }),
        this.saved,
        el('div', { className: 'group' }, this.undoButton, this.redoButton, this.downloads),
      ),
      this.status,
      el(
        'div',
        { className: 'bar transport' },
        this.playButton,
        this.time,
        el('div', { className: 'balance' }, el('span', {}, 'Recording'), this.balance, el('span', {}, 'Notes'), this.abButton),
        el('span', { className: 'spacer' }),
        el(
          'div',
          { className: 'group' },
          this.followButton,
          iconButton('minus', 'Zoom out', () => zoom(1 / 1.5)),
          iconButton('plus', 'Zoom in', () => zoom(1.5)),
          iconButton('fit', 'See all', () => {
            view.fit();
            this.invalidate();
          }),
        ),
      ),
      el('div', { className: 'work' }, this.surface, el('aside', {}, this.inspector.element, this.mixer.element)),
      el('p', { id: 'roll-help', className: 'unseen' }, 'Left and right arrows go from note to note; with Shift, arrows move the chosen note; Delete removes it; Space plays.'),
    );
  }

  private buildDownloads(): void {
    const links = this.info.formats.map(({ name, extension }) => {
      const link = el('a', { href: api.resultAddress(this.job.id, name), download: '' }, FORMATS[name] ?? name, el('span', {}, extension));
      link.dataset['format'] = name;
      link.onclick = (event) => {
        this.downloads.open = false;
        if (!this.saver.pending) return;
        event.preventDefault();
        void this.saver.flush().then(() => link.click());
      };
      return link;
    });
    const forget = el('button', { type: 'button', className: 'quiet', onclick: () => void this.forgetEdits() }, 'Back to what was heard');
    this.downloads.append(el('summary', { className: 'primary', 'aria-label': 'Download' }, icon('download'), el('span', {}, 'Download')), el('div', { className: 'menu-items' }, ...links, forget));
    document.addEventListener('pointerdown', (event) => {
      if (!this.downloads.contains(event.target as Node)) this.downloads.open = false;
    });
    this.downloads.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      this.downloads.open = false;
      this.downloads.querySelector('summary')!.focus();
    };
  }

  private async load(): Promise<void> {
    this.roll.view.duration = Math.max(1, this.job.duration_sec);
    this.roll.view.scale = FIRST_SCALE; // Or what shows all of a short piece.
    this.refresh();
    api.getPeaks(this.job.id).then(
      (bytes) => {
        this.peaks = new Peaks(bytes, this.info.peaks_per_sec);
        this.invalidate();
      },
      (error: Error) => toast(error.message),
    );
    if (this.job.state === 'done') {
      await this.loadNotes();
      return;
    }
    if (this.job.state === 'queued' || this.job.state === 'running') this.followJob();
  }

  private followJob(): void {
    this.heardTo = 0;
    this.stopFollowing = api.followJob(this.job.id, {
      progress: (job) => this.progress(job),
      begin: () => this.song.reset([]),
      notes: (notes) => {
        this.song.take(notes);
        this.fitPitches();
        this.refresh();
      },
      end: (job) => {
        this.progress(job);
        this.heardTo = null;
        announce(`${job.name}: ${describeJob(job)}`);
        if (job.state === 'done') void this.loadNotes();
        else this.refresh();
      },
    });
  }

  private progress(job: api.Job): void {
    this.job = job;
    this.heardTo = job.progress * job.duration_sec;
    this.refresh();
  }

  private async loadNotes(): Promise<void> {
    try {
      this.song.reset(await api.getNotes(this.job.id));
    } catch (error) {
      toast((error as Error).message);
    }
    this.chosen.clear();
    this.fitPitches();
    this.refresh();
  }

  private fitPitches(): void {
    const pitches: number[] = [];
    const drums: number[] = [];
    for (const note of this.song.notes) (note.program === DRUMS ? drums : pitches).push(note.pitch);
    this.roll.view.fitPitches(pitches, drums);
  }

  private async forgetEdits(): Promise<void> {
    this.downloads.open = false;
    await this.saver.flush();
    if (!confirm('Give up all edits of this recording?')) return;
    try {
      this.job = await api.forgetEdits(this.job.id);
      await this.loadNotes();
      this.saved.textContent = '';
    } catch (error) {
      toast((error as Error).message);
    }
  }

  // Choosing and editing.

  private get chosenNotes(): Note[] {
    return [...this.chosen].map((id) => this.song.get(id)).filter((note): note is Note => note !== undefined);
  }

  private choose(ids: number[], keep: boolean): void {
    if (!keep) this.chosen.clear();
    for (const id of ids) {
      if (keep && ids.length === 1 && this.chosen.has(id)) this.chosen.delete(id);
      else this.chosen.add(id);
    }
    this.refresh();
  }

  private chooseInstrument(instrument: Instrument): void {
    const ids = this.song.notes.filter((note) => this.instruments.of(note.program).name === instrument.name).map((note) => note.id);
    this.choose(ids, false);
    announce(`${ids.length} notes of ${instrument.name} chosen`);
  }

  private edit(label: string, change: (note: Note) => Note | null): void {
    if (!this.editable) return;
    const before = this.song.version;
    this.song.edit(label, this.chosen, change);
    for (const id of [...this.chosen]) if (!this.song.get(id)) this.chosen.delete(id);
    if (this.song.version !== before) this.edited();
    this.refresh();
  }

  private addNote(time: number, pitch: number): void {
    const like = this.chosenNotes[0] ?? this.song.notes.find((note) => note.program !== DRUMS);
    const note: Note = { id: newId(), onset: time, offset: time + 0.25, pitch, program: like && like.program !== DRUMS ? like.program : 0, velocity: 1 };
    this.song.add(note);
    this.edited();
    this.choose([note.id], false);
    this.player.preview(note);
  }

  private undo(): void {
    const edit = this.song.undo();
    if (edit) this.taken(`Undone: ${edit.label}`);
  }

  private redo(): void {
    const edit = this.song.redo();
    if (edit) this.taken(`Redone: ${edit.label}`);
  }

  private taken(text: string): void {
    announce(text);
    this.edited();
    this.refresh();
  }

  private edited(): void {
    const { lowest, highest, lanes } = this.roll.view;
    if (this.song.notes.some((n) => (n.program === DRUMS ? !lanes.includes(n.pitch) : n.pitch < lowest || n.pitch > highest))) this.fitPitches();
    this.saver.changed();
  }

  // Playing and looking.

  private alternate(): void {
    this.player.balance = this.player.balance < 0.5 ? 1 : 0;
    announce(this.player.balance === 1 ? 'Notes alone' : 'Recording alone');
  }

  private follow(on: boolean): void {
    this.following = on;
    this.refresh();
  }

  private key(event: KeyboardEvent): void {
    const { view } = this.roll;
    const handled = () => {
      event.preventDefault();
      event.stopPropagation();
      this.invalidate();
    };
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      this.choose(this.song.notes.map((note) => note.id), false);
      return handled();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, Shift> = {
      ArrowLeft: { ...NO_SHIFT, time: -0.01 },
      ArrowRight: { ...NO_SHIFT, time: 0.01 },
      ArrowUp: { ...NO_SHIFT, pitch: 1 },
      ArrowDown: { ...NO_SHIFT, pitch: -1 },
    };
    const move = moves[event.key];
    if (event.shiftKey && move) {
      this.edit('move', (note) => shifted(note, move));
      this.tellChosen();
      return handled();
    }
    switch (event.key) {
      case 'ArrowLeft':
        this.step(-1);
        return handled();
      case 'ArrowRight':
        this.step(1);
        return handled();
      case 'Delete':
      case 'Backspace':
        announce(`${this.chosen.size} deleted`);
        this.edit('delete', () => null);
        return handled();
      case 'Escape':
        this.choose([], false);
        return handled();
      case 'Home':
        this.player.seek(0);
        view.scrollTo(0);
        return handled();
      case 'End':
        this.player.seek(view.duration);
        view.scrollTo(view.duration);
        return handled();
      case 'PageUp':
      case 'PageDown':
        view.scrollTo(view.start + (event.key === 'PageDown' ? 0.8 : -0.8) * view.seconds);
        return handled();
      case '+':
      case '=':
        view.zoom(1.5, view.width / 2);
        return handled();
      case '-':
        view.zoom(1 / 1.5, view.width / 2);
        return handled();
      case '0':
        view.fit();
        return handled();
    }
  }

  /** Chooses the next or previous note, brings it into sight and tells what it is. */
  private step(by: number): void {
    const { notes } = this.song;
    if (notes.length === 0) return;
    const last = this.chosenNotes.at(-1);
    const at = last ? this.song.indexOf(last) + by : this.song.firstFrom(this.player.position);
    const note = notes[Math.max(0, Math.min(notes.length - 1, at))]!;
    this.choose([note.id], false);
    if (!this.player.playing) this.player.preview(note);
    const { view } = this.roll;
    if (note.onset < view.start || note.onset > view.end) view.scrollTo(note.onset - view.seconds / 3);
    this.tellChosen();
  }

  private tellChosen(): void {
    const note = this.chosenNotes[0];
    if (!note) return;
    const number = this.song.indexOf(note) + 1;
    announce(`${noteName(note)}, ${this.instruments.of(note.program).name}, at ${clock(note.onset, 2)}, ${number} of ${this.song.notes.length}`);
  }

  // Showing.

  private refresh(): void {
    const { player, job } = this;
    this.playButton.replaceChildren(icon(player.playing ? 'pause' : 'play'));
    this.playButton.setAttribute('aria-label', player.playing ? 'Pause' : 'Play');
    this.playButton.title = player.playing ? 'Pause' : 'Play';
    this.followButton.setAttribute('aria-pressed', String(this.following));
    this.balance.value = String(player.balance);
    this.abButton.textContent = player.balance === 0 ? 'A' : player.balance === 1 ? 'B' : 'A/B';
    this.undoButton.disabled = this.song.undoLabel === null;
    this.redoButton.disabled = this.song.redoLabel === null;
    this.downloads.hidden = job.state !== 'done';
    this.facts.textContent = `${clock(job.duration_sec)} · ${countNotes(this.song.notes.length)}`;
    this.refreshStatus();
    const dark = document.documentElement.dataset['theme'] === 'dark';
    this.mixer.refresh(this.song, dark);
    this.inspector.refresh(this.chosenNotes);
    this.invalidate();
  }

  private refreshStatus(): void {
    const { job } = this;
    const key = `${job.state}|${job.progress}|${job.queue_position ?? 0}|${this.player.recordingPlays}`;
    if (key === this.statusKey) return;
    this.statusKey = key;
    const parts: Node[] = [];
    if (job.state === 'queued' || job.state === 'running') {
      const cancel = el('button', { type: 'button', onclick: () => void api.cancelJob(job.id).catch((error: Error) => toast(error.message)) }, 'Cancel');
      parts.push(el('span', {}, describeJob(job)), el('progress', { max: 1, value: job.progress, 'aria-label': 'Progress' }), cancel);
    } else if (job.state !== 'done') {
      parts.push(el('span', { className: 'failure' }, describeJob(job)));
    } else if (!this.player.recordingPlays) {
      parts.push(el('span', {}, 'This browser cannot play the recording; only the notes are heard.'));
    }
    this.status.replaceChildren(...parts);
    this.status.hidden = parts.length === 0;
  }

  /** Draws at the next frame, and at every one while it plays. */
  private invalidate(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
      if (this.player.playing) this.invalidate();
    });
  }

  private draw(): void {
    const { view } = this.roll;
    const { position } = this.player;
    if (this.player.playing && this.following) view.scrollTo(position - 0.35 * view.seconds);
    this.time.textContent = `${clock(position, 1)} / ${clock(this.job.duration_sec)}`;
    this.roll.draw({
      song: this.song,
      peaks: this.peaks,
      position,
      heardTo: this.heardTo,
      selected: this.chosen,
      silent: (program) => this.player.silent(program),
      shift: this.shift,
      box: this.box,
    });
  }
}
