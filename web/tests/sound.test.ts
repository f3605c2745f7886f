import { describe, expect, it } from 'vitest';
import { Peaks } from '../src/peaks';
import { balanceGains, silentBy, type Strip } from '../src/player';
import { encodeWav } from '../src/wav';

describe('Peaks', () => {
  it('gives the extremes of any stretch', () => {
    const values = new Int8Array(2000); // 1000 slots, 10 s.
    values.set([-127, 0], 2 * 123);
    values.set([0, 127], 2 * 456);
    const peaks = new Peaks(values, 100);
    expect(peaks.range(1.23, 1.24)).toEqual([-1, 0]);
    expect(peaks.range(0, 10)).toEqual([-1, 1]);
    expect(peaks.range(4, 5)).toEqual([0, 1]);
    expect(peaks.range(8, 9)).toEqual([0, 0]);
    expect(peaks.range(20, 30)).toEqual([0, 0]);
  });
});

describe('the mixer', () => {
  const strips = (entries: [string, Partial<Strip>][]) => new Map(entries.map(([name, s]) => [name, { volume: 1, mute: false, solo: false, ...s }]));
  it('silences what is muted, and all others when one plays solo', () => {
    expect(silentBy(strips([]), 'Bass')).toBe(false);
    expect(silentBy(strips([['Bass', { mute: true }]]), 'Bass')).toBe(true);
    const solo = strips([['Bass', { solo: true }], ['Organ', {}]]);
    expect(['Bass', 'Organ', 'Guitar'].map((name) => silentBy(solo, name))).toEqual([false, true, true]);
    expect(silentBy(strips([['Bass', { solo: true, mute: true }]]), 'Bass')).toBe(true);
  });
  it('plays both in the middle and one alone at each end', () => {
    expect(balanceGains(0)).toEqual({ recording: 1, notes: 0 });
    expect(balanceGains(0.5)).toEqual({ recording: 1, notes: 1 });
    expect(balanceGains(1)).toEqual({ recording: 0, notes: 1 });
  });
});

describe('encodeWav', () => {
  it('writes a header and clipped samples', () => {
    const view = new DataView(encodeWav(new Float32Array([0, 0.5, -1, 2]), 44100));
    expect(view.byteLength).toBe(52);
    expect(String.fromCharCode(...new Uint8Array(view.buffer, 0, 4))).toBe('RIFF');
    expect(view.getUint32(24, true)).toBe(44100);
    expect([44, 46, 48, 50].map((at) => view.getInt16(at, true))).toEqual([0, 16384, -32767, 32767]);
  });
});
