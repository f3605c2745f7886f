import { fromWire, toNotesFile, type Note, type WireNote } from './notes';

export interface Job {
  id: string;
  name: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  progress: number;
  duration_sec: number;
  n_bytes: number;
  created: string;
  edited: boolean;
  queue_position?: number;
  n_notes?: number;
  error?: string;
}

export interface Info {
  version: string;
  max_upload_bytes: number;
  max_duration_sec: number;
  peaks_per_sec: number;
  formats: { name: string; content_type: string; extension: string }[];
  instruments: string[];
}

const JOBS = 'api/v1/jobs';

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, init);
  if (answer.ok) return answer;
  const body: { error?: string } = await answer.json().catch(() => ({}));
  throw new Error(body.error ?? `${answer.status} ${answer.statusText}`);
}

export async function getInfo(): Promise<Info> {
  return (await call('api/v1/info')).json();
}

export async function listJobs(): Promise<Job[]> {
  return (await (await call(JOBS)).json()).jobs;
}

export async function getJob(id: string): Promise<Job> {
  return (await call(`${JOBS}/${id}`)).json();
}

/** Sends a recording; `progress` is told the part that has left, 0 to 1. */
export function sendRecording(file: Blob, name: string, progress: (part: number) => void): Promise<Job> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append('audio', file, name);
    const request = new XMLHttpRequest(); // fetch() does not tell how much it has sent.
    request.responseType = 'json';
    request.upload.onprogress = (event) => progress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      const answer = request.response as (Job & { error?: string }) | null;
      if (request.status === 202 && answer) resolve(answer);
      else reject(new Error(answer?.error ?? `the server answered ${request.status}`));
    };
    request.onerror = () => reject(new Error('the server cannot be reached, or it refused so large a file'));
    request.open('POST', JOBS);
    request.send(form);
  });
}

export async function cancelJob(id: string): Promise<void> {
  await call(`${JOBS}/${id}/cancel`, { method: 'POST' });
}

export async function deleteJob(id: string): Promise<void> {
  await call(`${JOBS}/${id}`, { method: 'DELETE' });
}

export async function getNotes(id: string): Promise<Note[]> {
  const file: { notes: WireNote[] } = await (await call(`${JOBS}/${id}/result?format=json`)).json();
  return file.notes.map(fromWire);
}

export async function putNotes(id: string, notes: readonly Note[]): Promise<Job> {
  const headers = { 'Content-Type': 'application/json' };
  return (await call(`${JOBS}/${id}/notes`, { method: 'PUT', headers, body: toNotesFile(notes) })).json();
}

export async function forgetEdits(id: string): Promise<Job> {
  return (await call(`${JOBS}/${id}/notes`, { method: 'DELETE' })).json();
}

export async function getPeaks(id: string): Promise<Int8Array> {
  return new Int8Array(await (await call(`${JOBS}/${id}/waveform`)).arrayBuffer());
}

export function resultAddress(id: string, format: string): string {
  return `${JOBS}/${id}/result?format=${format}`;
}

export function recordingAddress(id: string): string {
  return `${JOBS}/${id}/recording`;
}

export interface Follower {
  progress(job: Job): void;
  begin(): void; // Everything is told from the start: at first, and when the connection was lost.
  notes(notes: Note[]): void;
  end(job: Job): void;
}

/** Tells what happens to a job until it ends or the returned function is called. */
export function followJob(id: string, follower: Follower): () => void {
  const source = new EventSource(`${JOBS}/${id}/events`);
  const data = (event: Event) => JSON.parse((event as MessageEvent<string>).data);
  source.addEventListener('open', () => follower.begin());
  source.addEventListener('progress', (event) => follower.progress(data(event)));
  source.addEventListener('notes', (event) => {
    const found: { notes: WireNote[] } = data(event);
    follower.notes(found.notes.map(fromWire));
  });
  source.addEventListener('end', (event) => {
    source.close();
    follower.end(data(event));
  });
  return () => source.close();
}
