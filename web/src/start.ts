import { deleteJob, listJobs, sendRecording, type Info, type Job } from './api';
import { announce, el, icon, iconButton, toast } from './dom';
import { Recorder } from './recorder';
import { clock, countNotes } from './view';

/** What is said of a job in one line. */
export function describeJob(job: Job): string {
  switch (job.state) {
    case 'queued':
      return `waiting, number ${job.queue_position ?? 1} in line`;
    case 'running':
      return `listening, ${Math.round(100 * job.progress)} %`;
    case 'done':
      return countNotes(job.n_notes ?? 0) + (job.edited ? ', edited' : '');
    case 'failed':
      return `failed: ${job.error ?? 'nobody knows why'}`;
    case 'cancelled':
      return 'cancelled';
  }
}

/** Where recordings are handed in and found again. */
export class StartView {
  readonly element: HTMLElement;
  private readonly list = el('ul', { className: 'jobs' });
  private readonly recent = el('section', { className: 'recent', 'aria-labelledby': 'recent-title' });
  private readonly progress = el('progress', { max: 1, 'aria-label': 'Sending the recording' });
  private readonly note = el('p', { className: 'drop-note' });
  private recorder: Recorder | null = null;
  private timer = 0;
  private refreshTimer = 0;

  constructor(
    private readonly info: Info,
    private readonly open: (id: string) => void,
  ) {
    const input = el('input', { type: 'file', accept: 'audio/*,video/*', id: 'file', className: 'unseen' });
    input.onchange = () => {
      if (input.files?.[0]) void this.send(input.files[0], input.files[0].name);
      input.value = '';
    };
    const choose = el('button', { type: 'button', className: 'primary', onclick: () => input.click() }, icon('upload'), 'Choose a recording');
    const record = el('button', { type: 'button', onclick: () => void this.record(record) }, icon('mic'), 'Record');
    const minutes = Math.round(info.max_duration_sec / 60);
    const mib = Math.round(info.max_upload_bytes / 2 ** 20);
    this.note.textContent = `WAV, FLAC, MP3, Ogg, Opus … up to ${minutes} minutes and ${mib} MiB. Nothing leaves the machine that runs this server.`;
    this.progress.hidden = true;
    const drop = el(
      'section',
      { className: 'drop', 'aria-labelledby': 'drop-title' },
      this.picture(),
      el('h1', { id: 'drop-title' }, 'Drop a recording, see its notes'),
      el('p', {}, 'Every instrument on a track of its own, voices and drums included.'),
      el('div', { className: 'drop-buttons' }, choose, record, input),
      this.progress,
      this.note,
    );
    this.acceptDrops(drop);
    this.recent.append(el('h2', { id: 'recent-title' }, 'Recordings'), this.list);
    this.recent.hidden = true;
    this.element = el('div', { className: 'start' }, drop, this.recent);
    void this.refresh();
    this.refreshTimer = window.setInterval(() => void this.refresh(), 2000);
  }

  close(): void {
    window.clearInterval(this.refreshTimer);
    window.clearInterval(this.timer);
    this.recorder?.cancel();
  }

  private acceptDrops(zone: HTMLElement): void {
    zone.ondragover = (event) => {
      event.preventDefault();
      zone.classList.add('over');
    };
    zone.ondragleave = (event) => {
      if (!zone.contains(event.relatedTarget as Node | null)) zone.classList.remove('over');
    };
    zone.ondrop = (event) => {
      event.preventDefault();
      zone.classList.remove('over');
      const file = event.dataTransfer?.files[0];
      if (file) void this.send(file, file.name);
    };
  }

  private async send(file: Blob, name: string): Promise<void> {
    if (file.size > this.info.max_upload_bytes) {
      toast(`${name} is larger than this server takes.`);
      return;
    }
    this.progress.hidden = false;
    this.progress.value = 0;
    announce('Sending the recording');
    try {
      const job = await sendRecording(file, name, (part) => (this.progress.value = part));
      this.open(job.id);
    } catch (error) {
      toast((error as Error).message);
    } finally {
      this.progress.hidden = true;
    }
  }

  private async record(button: HTMLButtonElement): Promise<void> {
    try {
      if (!this.recorder) {
        this.recorder = await Recorder.start();
        announce('Recording');
        button.classList.add('recording');
        const show = () => button.replaceChildren(icon('stop'), `Stop at ${clock(this.recorder?.seconds ?? 0)}`);
        show();
        this.timer = window.setInterval(show, 500);
        return;
      }
      window.clearInterval(this.timer);
      const recorder = this.recorder;
      this.recorder = null;
      button.classList.remove('recording');
      button.replaceChildren(icon('mic'), 'Record');
      const when = new Date().toLocaleString('sv').replaceAll(':', '.');
      await this.send(await recorder.finish(), `Recording ${when}.wav`);
    } catch (error) {
      toast(`No recording: ${(error as Error).message}`);
    }
  }

  private async refresh(): Promise<void> {
    let jobs: Job[];
    try {
      jobs = (await listJobs()).reverse();
    } catch {
      return; // The next time.
    }
    this.recent.hidden = jobs.length === 0;
    // Rows whose text has not changed stay, and so does the focus in them.
    const rows = new Map([...this.list.children].map((row) => [(row as HTMLElement).dataset['key'], row]));
    const wanted = jobs.map((job) => rows.get(rowKey(job)) ?? this.row(job));
    wanted.forEach((row, i) => {
      if (this.list.children[i] !== row) this.list.insertBefore(row, this.list.children[i] ?? null);
    });
    while (this.list.children.length > wanted.length) this.list.lastElementChild!.remove();
  }

  private row(job: Job): HTMLElement {
    const remove = iconButton('trash', `Delete ${job.name}`, () => {
      if (!confirm(`Delete ${job.name} with its recording and its notes?`)) return;
      void deleteJob(job.id).then(() => this.refresh(), (error: Error) => toast(error.message));
    });
    remove.classList.add('quiet');
    const row = el(
      'li',
      { className: `job ${job.state}` },
      el(
        'a',
        { href: `#job=${job.id}` },
        el('span', { className: 'job-name' }, job.name),
        el('span', { className: 'job-facts' }, `${clock(job.duration_sec)} · ${describeJob(job)}`),
        job.state === 'running' ? el('progress', { max: 1, value: job.progress, 'aria-label': 'Progress' }) : null,
      ),
      remove,
    );
    row.dataset['key'] = rowKey(job);
    return row;
  }

  /** A few notes, as decoration. */
  private picture(): SVGSVGElement {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 240 84');
    svg.setAttribute('aria-hidden', 'true');
    svg.classList.add('drop-picture');
    const notes = [
      [8, 58, 34, 'a'], [46, 46, 22, 'a'], [72, 34, 50, 'a'], [126, 46, 20, 'a'], [150, 22, 62, 'a'],
      [8, 72, 60, 'b'], [72, 66, 60, 'b'], [136, 72, 84, 'b'], [30, 20, 44, 'c'], [84, 10, 38, 'c'], [180, 40, 48, 'c'],
    ] as const;
    for (const [x, y, width, kind] of notes) {
      const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      for (const [name, value] of Object.entries({ x, y, width, height: 8, rx: 4, class: `tone-${kind}` })) rect.setAttribute(name, String(value));
      svg.append(rect);
    }
    return svg;
  }
}

function rowKey(job: Job): string {
  return JSON.stringify(job);
}
