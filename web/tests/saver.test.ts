import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Saver } from '../src/saver';

describe('Saver', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('saves once after several changes', async () => {
    const save = vi.fn(async () => {});
    const saver = new Saver(save, () => {});
    saver.changed();
    await vi.advanceTimersByTimeAsync(300);
    saver.changed();
    expect(saver.pending).toBe(true);
    await vi.advanceTimersByTimeAsync(499);
    expect(save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(save).toHaveBeenCalledTimes(1);
    expect(saver.pending).toBe(false);
  });

  it('sends one request at a time and the newest state last', async () => {
    let finish = () => {};
    const save = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const saver = new Saver(save, () => {});
    saver.changed();
    await vi.advanceTimersByTimeAsync(500);
    saver.changed();
    await vi.advanceTimersByTimeAsync(500);
    expect(save).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(save).toHaveBeenCalledTimes(2);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(saver.pending).toBe(false);
  });

  it('keeps what could not be saved', async () => {
    const told: string[] = [];
    let fails = true;
    const saver = new Saver(async () => {
      if (fails) throw new Error('the disk is full');
    }, (text) => told.push(text));
    saver.changed();
    await saver.flush();
    expect(saver.pending).toBe(true);
    expect(told.at(-1)).toBe('Not saved: the disk is full');
    fails = false;
    await saver.flush();
    expect(saver.pending).toBe(false);
    expect(told.at(-1)).toBe('Saved');
  });
});
