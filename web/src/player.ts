import type { Instruments } from './instruments';
import type { Note } from './notes';
import type { Song } from './song';
import { Synth } from './synth';

const LOOKAHEAD = 0.25; // Seconds for which notes are handed to the audio clock in advance.
const TICK = 50; // Milliseconds between looks.

/** Volume, mute and solo of one instrument. */
export interface Strip {
  volume: number; // 0 to 1.5.
  mute: boolean;
  solo: boolean;
}

/** Which instruments are not heard. */
export function silentBy(strips: ReadonlyMap<string, Strip>, name: string): boolean {
  const anySolo = [...strips.values()].some((strip) => strip.solo);
  const strip = strips.get(name);
  return (strip?.mute ?? false) || (anySolo && !(strip?.solo ?? false));
}

/** Loudness of the recording and of the notes for a balance of 0 (recording alone) to 1 (notes alone); both in the middle. */
export function balanceGains(balance: number): { recording: number; notes: number } {
  return { recording: Math.min(1, 2 * (1 - balance)), notes: Math.min(1, 2 * balance) };
}

/** Plays the recording and the notes at the same time, mixed. */
export class Player {
  readonly strips = new Map<string, Strip>();
  /** False when the browser cannot play the recording: only the notes are heard. */
  recordingPlays = true;
  onchange: () => void = () => {};

  private context: AudioContext | null = null;
  private synth: Synth | null = null;
  private readonly element = new Audio();
  private recordingGain: GainNode | null = null;
  private notesGain: GainNode | null = null;
  private readonly channels = new Map<string, GainNode>();
  private balanceValue = 0.5;
  private timer = 0;
  private startedAt = 0; // Of the context, where the position was `startedFrom`; used where no recording plays.
  private startedFrom = 0;
  private scheduledTo = 0;
  private sounding: { until: number; end: (when: number) => void }[] = [];
  private playingNow = false;

  constructor(
    private readonly instruments: Instruments,
    private song: Song,
    recording: string,
    private readonly duration: number,
  ) {
    this.element.preload = 'auto';
    this.element.addEventListener('error', () => {
      this.recordingPlays = false;
      this.onchange();
    });
    this.element.addEventListener('ended', () => this.stop());
    this.element.src = recording;
  }

  get playing(): boolean {
    return this.playingNow;
  }

  get position(): number {
    if (!this.playingNow) return this.startedFrom;
    if (this.recordingPlays) return this.element.currentTime;
    return Math.min(this.duration, this.startedFrom + (this.context!.currentTime - this.startedAt));
  }

  get balance(): number {
    return this.balanceValue;
  }
  set balance(value: number) {
    this.balanceValue = Math.max(0, Math.min(1, value));
    this.applyGains();
    this.onchange();
  }

  strip(name: string): Strip {
    let strip = this.strips.get(name);
    if (!strip) {
      strip = { volume: 1, mute: false, solo: false };
      this.strips.set(name, strip);
    }
    return strip;
  }

  silent(program: number): boolean {
    return silentBy(this.strips, this.instruments.of(program).name);
  }

  setStrip(name: string, change: Partial<Strip>): void {
    Object.assign(this.strip(name), change);
    this.applyGains();
    this.onchange();
  }

  async toggle(): Promise<void> {
    if (this.playingNow) this.stop();
    else await this.play();
  }

  async play(): Promise<void> {
    const context = this.ready();
    await context.resume();
    if (this.startedFrom >= this.duration - 0.05) this.startedFrom = 0;
    if (this.recordingPlays) {
      this.element.currentTime = this.startedFrom;
      try {
        await this.element.play();
      } catch {
        this.recordingPlays = false;
      }
    }
    this.startedAt = context.currentTime;
    this.playingNow = true;
    this.scheduledTo = this.position;
    this.timer = window.setInterval(() => this.schedule(), TICK);
    this.schedule();
    this.onchange();
  }

  stop(): void {
    if (!this.playingNow) return;
    const position = this.position;
    this.playingNow = false;
    this.startedFrom = position;
    window.clearInterval(this.timer);
    this.element.pause();
    this.silence();
    this.onchange();
  }

  seek(position: number): void {
    const to = Math.max(0, Math.min(position, this.duration));
    this.silence();
    this.startedFrom = to;
    if (this.context) this.startedAt = this.context.currentTime;
    if (this.recordingPlays) this.element.currentTime = to;
    this.scheduledTo = to;
    this.onchange();
  }

  /** Lets one note be heard, as when it was clicked. */
  preview(note: Note): void {
    const context = this.ready();
    void context.resume();
    const at = context.currentTime + 0.01;
    this.synth!.play(note, at, at + Math.min(0.5, Math.max(0.15, note.offset - note.onset)), this.channel(note.program));
  }

  close(): void {
    this.stop();
    this.element.removeAttribute('src');
    this.element.load();
    void this.context?.close();
  }

  /** Browsers allow sound only after a gesture, so all this is made on the first. */
  private ready(): AudioContext {
    if (this.context) return this.context;
    const context = new AudioContext({ latencyHint: 'interactive' });
    this.context = context;
    this.synth = new Synth(context, this.instruments);
    // Many notes at a time must not clip.
    const limiter = context.createDynamicsCompressor();
    limiter.threshold.value = -10;
    limiter.ratio.value = 12;
    limiter.connect(context.destination);
    this.notesGain = context.createGain();
    this.notesGain.connect(limiter);
    this.recordingGain = context.createGain();
    context.createMediaElementSource(this.element).connect(this.recordingGain).connect(limiter);
    this.applyGains();
    return context;
  }

  private channel(program: number): GainNode {
    const name = this.instruments.of(program).name;
    let channel = this.channels.get(name);
    if (!channel) {
      channel = this.context!.createGain();
      channel.connect(this.notesGain!);
      this.channels.set(name, channel);
      this.applyGains();
    }
    return channel;
  }

  private applyGains(): void {
    if (!this.context) return;
    const now = this.context.currentTime;
    const gains = balanceGains(this.balanceValue);
    this.recordingGain!.gain.setTargetAtTime(gains.recording, now, 0.015);
    this.notesGain!.gain.setTargetAtTime(gains.notes * 0.5, now, 0.015);
    for (const [name, channel] of this.channels) {
      const volume = silentBy(this.strips, name) ? 0 : (this.strips.get(name)?.volume ?? 1);
      channel.gain.setTargetAtTime(volume, now, 0.015);
    }
  }

  private schedule(): void {
    const context = this.context!;
    const position = this.position;
    if (position >= this.duration) {
      this.startedFrom = this.duration;
      this.stop();
      return;
    }
    const to = position + LOOKAHEAD;
    this.sounding = this.sounding.filter((one) => one.until > context.currentTime);
    for (let i = this.song.firstFrom(this.scheduledTo); i < this.song.notes.length; ++i) {
      const note = this.song.notes[i]!;
      if (note.onset >= to) break;
      const at = context.currentTime + Math.max(0, note.onset - position);
      const until = at + Math.max(0.03, note.offset - note.onset);
      this.sounding.push({ until: until + 1.5, end: this.synth!.play(note, at, until, this.channel(note.program)) });
    }
    this.scheduledTo = Math.max(this.scheduledTo, to);
  }

  private silence(): void {
    const now = this.context?.currentTime ?? 0;
    for (const one of this.sounding) one.end(now);
    this.sounding = [];
  }
}
