/** Keeps what was edited: a moment after the last change, one request at a time. */
export class Saver {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dirty = false;
  private busy: Promise<void> | null = null;

  /** `save` sends the newest state; `tell` shows where it stands. */
  constructor(
    private readonly save: () => Promise<unknown>,
    private readonly tell: (text: string) => void,
    private readonly delayMs = 500,
  ) {}

  get pending(): boolean {
    return this.dirty;
  }

  changed(): void {
    this.dirty = true;
    this.tell('Not saved yet');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), this.delayMs);
  }

  /** Resolves when everything is saved, or could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    while (this.busy) await this.busy;
    if (!this.dirty) return;
    this.dirty = false;
    this.tell('Saving …');
    this.busy = this.save().then(
      () => this.tell('Saved'),
      (error: Error) => {
        this.dirty = true;
        this.tell(`Not saved: ${error.message}`);
      },
    );
    await this.busy;
    this.busy = null;
  }
}
