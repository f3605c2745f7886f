/** How loud a recording is over time: for each slot its lowest and highest sample, from -1 to 1. */
export class Peaks {
  private readonly levels: Int8Array[]; // Each half as fine as the one before.

  constructor(
    bytes: Int8Array,
    private readonly perSecond: number,
  ) {
    this.levels = [bytes];
    for (let finer = bytes; finer.length > 2; ) {
      const coarser = new Int8Array(2 * Math.ceil(finer.length / 4));
      for (let i = 0; i < coarser.length; i += 2) {
        coarser[i] = Math.min(finer[2 * i]!, finer[2 * i + 2] ?? 127);
        coarser[i + 1] = Math.max(finer[2 * i + 1]!, finer[2 * i + 3] ?? -127);
      }
      this.levels.push(coarser);
      finer = coarser;
    }
  }

  /** The extremes in [from, to) seconds; looks at a few values only, however long that is. */
  range(from: number, to: number): [number, number] {
    const slots = Math.max(1, (to - from) * this.perSecond);
    const level = Math.min(this.levels.length - 1, Math.max(0, Math.floor(Math.log2(slots))));
    const values = this.levels[level]!;
    const perSecond = this.perSecond / 2 ** level;
    let low = 127;
    let high = -127;
    const last = Math.max(Math.floor(from * perSecond) + 1, Math.ceil(to * perSecond));
    for (let i = Math.max(0, Math.floor(from * perSecond)); i < last && 2 * i < values.length; ++i) {
      low = Math.min(low, values[2 * i]!);
      high = Math.max(high, values[2 * i + 1]!);
    }
    return low > high ? [0, 0] : [low / 127, high / 127];
  }
}
