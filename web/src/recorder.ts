import { encodeWav } from './wav';

/** Records from the microphone; the result is a WAV file, which every server reads. */
export class Recorder {
  private readonly chunks: Blob[] = [];
  private readonly recorder: MediaRecorder;
  private readonly startedAt = performance.now();

  private constructor(private readonly stream: MediaStream) {
    this.recorder = new MediaRecorder(stream);
    this.recorder.ondataavailable = (event) => this.chunks.push(event.data);
    this.recorder.start(1000);
  }

  /** Asks for the microphone. Throws when there is none or it is not allowed. */
  static async start(): Promise<Recorder> {
    if (!navigator.mediaDevices) throw new Error('this browser gives no microphone to this address; use localhost or HTTPS');
    // What is meant for speech would damage music.
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return new Recorder(await navigator.mediaDevices.getUserMedia({ audio }));
  }

  get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  async finish(): Promise<Blob> {
    await new Promise<void>((resolve) => {
      this.recorder.onstop = () => resolve();
      this.recorder.stop();
    });
    this.release();
    const packed = await new Blob(this.chunks).arrayBuffer();
    const context = new OfflineAudioContext(1, 1, 44100);
    const sound = await context.decodeAudioData(packed);
    const mono = sound.getChannelData(0).slice();
    for (let channel = 1; channel < sound.numberOfChannels; ++channel) {
      sound.getChannelData(channel).forEach((sample, i) => (mono[i] = mono[i]! + sample));
    }
    if (sound.numberOfChannels > 1) mono.forEach((sample, i) => (mono[i] = sample / sound.numberOfChannels));
    return new Blob([encodeWav(mono, sound.sampleRate)], { type: 'audio/wav' });
  }

  cancel(): void {
    this.recorder.stop();
    this.release();
  }

  private release(): void {
    for (const track of this.stream.getTracks()) track.stop();
  }
}
