/** What part of a piece is seen: seconds to the right, pitches upwards, in CSS pixels from the corner of the roll. */
export class View {
  width = 800;
  height = 400;
  duration = 1; // Seconds of the whole piece.
  start = 0; // Second at the left edge.
  scale = 100; // Pixels in a second.
  lowest = 48; // Pitches that the roll has room for.
  highest = 72;
  lanes: number[] = []; // Keys of the drums that play, the highest lane first.

  static readonly MAX_SCALE = 1200;
  static readonly LANE_HEIGHT = 14;

  get minScale(): number {
    return this.width / Math.max(this.duration, 0.5);
  }
  get seconds(): number {
    return this.width / this.scale;
  }
  get end(): number {
    return this.start + this.seconds;
  }
  get drumsHeight(): number {
    return this.lanes.length === 0 ? 0 : this.lanes.length * this.laneHeight + 8;
  }
  get laneHeight(): number {
    return Math.min(View.LANE_HEIGHT, (this.height * 0.4) / Math.max(1, this.lanes.length));
  }
  get pitchesHeight(): number {
    return this.height - this.drumsHeight;
  }
  get semitone(): number {
    return this.pitchesHeight / (this.highest - this.lowest + 1);
  }

  x(time: number): number {
    return (time - this.start) * this.scale;
  }
  time(x: number): number {
    return this.start + x / this.scale;
  }
  /** Upper edge of a pitch. */
  y(pitch: number): number {
    return (this.highest - pitch) * this.semitone;
  }
  pitch(y: number): number {
    return Math.max(0, Math.min(127, this.highest - Math.floor(y / this.semitone)));
  }
  /** Upper edge of the lane of a drum. */
  laneY(key: number): number {
    return this.pitchesHeight + 8 + this.lanes.indexOf(key) * this.laneHeight;
  }

  /** Moves the left edge as far as the piece goes. */
  scrollTo(start: number): void {
    this.start = Math.max(0, Math.min(start, this.duration - this.seconds));
  }

  /** Zooms so that the time under `x` stays where it is. */
  zoom(factor: number, x: number): void {
    const fixed = this.time(x);
    this.scale = Math.max(this.minScale, Math.min(this.scale * factor, Math.max(View.MAX_SCALE, this.minScale)));
    this.scrollTo(fixed - x / this.scale);
  }

  fit(): void {
    this.scale = this.minScale;
    this.start = 0;
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.scale = Math.max(this.scale, this.minScale);
    this.scrollTo(this.start);
  }

  /** Room for these notes, with a little air, at least two octaves. */
  fitPitches(pitches: Iterable<number>, drumKeys: Iterable<number>): void {
    let low = 127;
    let high = 0;
    for (const pitch of pitches) {
      low = Math.min(low, pitch);
      high = Math.max(high, pitch);
    }
    if (low > high) [low, high] = [48, 72];
    const missing = Math.max(0, 24 - (high - low));
    this.lowest = Math.max(0, low - 2 - Math.floor(missing / 2));
    this.highest = Math.min(127, high + 2 + Math.ceil(missing / 2));
    this.lanes = [...new Set(drumKeys)].sort((a, b) => b - a);
  }
}

/** Seconds between labelled times, so that they are at least `room` pixels apart. */
export function tickStep(scale: number, room: number): number {
  const steps = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  return steps.find((step) => step * scale >= room) ?? 7200;
}

/** "1 note", "20,000 notes". */
export function countNotes(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'note' : 'notes'}`;
}

/** "1:05", "1:02:05", with decimals as asked for. */
export function clock(seconds: number, decimals = 0): string {
  const unit = 10 ** decimals;
  const total = Math.round(Math.max(0, seconds) * unit);
  const whole = Math.floor(total / unit);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const two = (n: number) => String(n).padStart(2, '0');
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  return decimals > 0 ? `${text}.${String(total % unit).padStart(decimals, '0')}` : text;
}
