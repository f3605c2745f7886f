// The page in a real browser, against the real program: usage: node e2e.mjs PROGRAM RECORDING [SCREENSHOT_FOLDER]
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const [program, recording, screenshots] = process.argv.slice(2);
const CHROMIUM = process.env.YOURMT3_CHROMIUM ?? '/usr/bin/chromium';

let folder, server, address, browser, page;
const foreign = []; // Requests to anybody else.
const complaints = []; // Of the browser.

async function startServer() {
  folder = await mkdtemp(join(tmpdir(), 'yourmt3-page-'));
  server = spawn(program, ['serve', '--port', '0', '--data', join(folder, 'data'), '--soundfont', 'tones', '--quiet']);
  address = await new Promise((resolve, reject) => {
    server.stdout.once('data', (bytes) => resolve(String(bytes).trim()));
    server.once('exit', (status) => reject(new Error(`the server ended with ${status}`)));
  });
}

/** Lets the test hear what the page plays. */
function listenIn() {
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const analyser = target.context.createAnalyser();
      connect.call(this, analyser);
      window.heard = () => {
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        return Math.max(...samples.map(Math.abs));
      };
    }
    return connect.call(this, target, ...rest);
  };
}

/** Coloured pixels of the roll: how many, and one of them for each of up to `spots` places, in page pixels. */
function colouredPixels(spots = 0) {
  return page.evaluate((wanted) => {
    const canvas = document.querySelector('canvas');
    const ratio = canvas.width / canvas.clientWidth;
    const [left, top] = [52 * ratio, 80 * ratio]; // Behind keys, overview and ruler.
    const { data, width, height } = canvas.getContext('2d').getImageData(left, top, canvas.width - left, canvas.height - top);
    const at = (x, y) => {
      const i = 4 * (y * width + x);
      return [data[i], data[i + 1], data[i + 2]];
    };
    const coloured = ([r, g, b]) => Math.max(r, g, b) - Math.min(r, g, b) > 70;
    let count = 0;
    const found = [];
    const box = canvas.getBoundingClientRect();
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) {
        if (!coloured(at(x, y))) continue;
        ++count;
        // In the midst of a note.
        if (found.length < wanted && x > 20 && x + 20 < width && y > 2 && coloured(at(x + 6, y)) && coloured(at(x + 6, y + 2)) && coloured(at(x, y + 2))) {
          found.push({ x: box.left + (left + x + 3) / ratio, y: box.top + (top + y + 1) / ratio });
          x += 200;
        }
      }
    }
    return { count, found };
  }, spots);
}

const text = (selector) => page.locator(selector).first().textContent();
const live = () => text('#live');
const settle = () => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

async function shot(name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

async function resultOf(format) {
  await page.locator('summary').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator(`a[data-format=${format}]`).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

async function heardNotes() {
  return JSON.parse((await resultOf('json')).bytes).notes;
}

before(async () => {
  await startServer();
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required',
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', acceptDownloads: true, permissions: ['microphone'] });
  await context.addInitScript(listenIn);
  page = await context.newPage();
  page.setDefaultTimeout(60000);
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => void dialog.accept());
});

after(async () => {
  await browser?.close();
  if (server && server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    assert.equal(await ended, 0, 'the server ends well');
  }
  if (folder) await rm(folder, { recursive: true });
});

test('a recording is handed in and its notes appear', async () => {
  await page.goto(address);
  await page.getByRole('heading', { name: 'Drop a recording, see its notes' }).waitFor();
  await shot('start-light');
  await page.evaluate(() => {
    window.early = 0; // Times that notes were seen while it was still listened to.
    new MutationObserver(() => {
      const facts = document.querySelector('.facts')?.textContent ?? '';
      if (document.querySelector('.status progress') && / [1-9]\d* notes/.test(facts)) ++window.early;
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await page.locator('input[type=file]').setInputFiles(recording);
  await page.locator('summary', { hasText: 'Download' }).waitFor();
  await page.waitForFunction(() => /[1-9]\d* notes/.test(document.querySelector('.facts')?.textContent ?? ''));
  await settle();
  await shot('piece-light');
  assert.ok((await colouredPixels()).count > 2000, 'notes are drawn');
  assert.match(await live(), /notes/);
  assert.ok((await page.evaluate(() => window.early)) > 0, 'notes appeared while they were found');
});

test('muted instruments fade, and solo silences the others', async () => {
  const before = (await colouredPixels()).count;
  for (const mute of await page.locator('.mute').all()) await mute.click();
  await settle();
  assert.ok((await colouredPixels()).count < before / 4, 'all are pale');
  for (const mute of await page.locator('.mute').all()) await mute.click();
  await page.locator('.solo').first().click();
  await settle();
  const solo = (await colouredPixels()).count;
  assert.ok(solo > 0 && solo < before, 'one is not pale');
  await page.locator('.solo').first().click();
});

test('recording and notes are heard, together and alone', async () => {
  const loudest = async () => {
    let peak = 0;
    for (let i = 0; i < 40 && peak < 0.01; ++i) {
      await page.waitForTimeout(50);
      peak = Math.max(peak, await page.evaluate(() => window.heard()));
    }
    return peak;
  };
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForFunction(() => parseFloat(document.querySelector('.time').textContent.slice(2)) > 1);
  assert.ok((await loudest()) > 0.01, 'both');
  await page.keyboard.press('b'); // One alone.
  assert.ok((await loudest()) > 0.01, 'recording');
  await page.keyboard.press('b');
  assert.ok((await loudest()) > 0.01, 'notes');
  await shot('playing-light');
  await page.getByRole('button', { name: 'Pause' }).click();
  const stopped = await text('.time');
  await page.waitForTimeout(300);
  assert.equal(await text('.time'), stopped, 'it stays where it was stopped');
  assert.ok((await page.evaluate(() => window.heard())) < 0.001, 'and is silent');
});

test('the keyboard goes from note to note, edits and takes back', async () => {
  const before = await heardNotes();
  await page.locator('.surface').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  assert.match(await live(), /, at 0:0\d\.\d\d, 1 of \d+/);
  await shot('chosen-light');
  await page.keyboard.press('Shift+ArrowRight');
  await page.waitForFunction(() => document.querySelector('.saved').textContent === 'Saved');
  const moved = await heardNotes();
  assert.equal(moved.length, before.length);
  assert.notDeepEqual(moved, before);
  await page.locator('.surface').focus();
  await page.keyboard.press('Delete');
  assert.equal((await heardNotes()).length, before.length - 1, 'a download waits until all is saved');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  assert.deepEqual(await heardNotes(), before);
  await page.keyboard.press('Control+Shift+Z');
  assert.deepEqual(await heardNotes(), moved);
});

test('the mouse chooses, moves and changes notes', async () => {
  await page.keyboard.press('Escape');
  const { found } = await colouredPixels(1);
  assert.equal(found.length, 1, 'there is a note to click');
  const { x, y } = found[0];
  await page.mouse.click(x, y);
  const onset = page.locator('#note-onset');
  const before = parseFloat(await onset.inputValue());
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 20, y, { steps: 4 });
  await page.mouse.up();
  assert.ok(parseFloat(await onset.inputValue()) > before, 'dragged to the right');
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.equal(parseFloat(await onset.inputValue()), before);
  await page.locator('#note-instrument').selectOption({ label: 'Singing Voice (chorus)' });
  await page.locator('.strip', { hasText: 'chorus' }).waitFor();
  await shot('edited-light');
});

test('edits are there after a reload, and can be given up', async () => {
  await page.waitForFunction(() => document.querySelector('.saved').textContent === 'Saved');
  await page.reload();
  await page.locator('.strip', { hasText: 'chorus' }).waitFor();
  await page.locator('summary').click();
  await page.getByRole('button', { name: 'Back to what was heard' }).click();
  await page.locator('.strip', { hasText: 'chorus' }).waitFor({ state: 'detached' });
});

test('every format can be downloaded', async () => {
  const starts = { midi: 'MThd', json: '{"format": "yourmt3-notes"', csv: 'onset_sec,', png: '\x89PNG', wav: 'RIFF', musicxml: '<?xml' };
  const formats = await page.locator('a[data-format]').evaluateAll((links) => links.map((link) => link.dataset.format));
  for (const format of formats) {
    if (!(format in starts)) continue;
    const { name, bytes } = await resultOf(format);
    assert.ok(name.startsWith('demo.'), name);
    assert.equal(bytes.subarray(0, starts[format].length).toString('latin1'), starts[format], format);
  }
  for (const format of ['midi', 'json', 'csv', 'png', 'wav']) assert.ok(formats.includes(format), format);
});

test('dark, and on a narrow screen', async () => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  await settle();
  assert.notEqual(await background(), light);
  const pixel = await page.evaluate(() => {
    const canvas = document.querySelector('canvas');
    return [...canvas.getContext('2d').getImageData(canvas.width - 2, canvas.height / 2, 1, 1).data];
  });
  assert.ok(pixel[0] < 80, 'the roll is dark, too');
  await shot('piece-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await settle();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, 'nothing is cut off at the side');
  await shot('piece-narrow');
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('everything has a name for those who listen', async () => {
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, a, input, select, summary, progress, canvas, [role]')]
      .filter((e) => e.checkVisibility() && e.tagName !== 'CANVAS')
      .filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length || e.id === 'toasts' || e.id === 'live'))
      .map((e) => e.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(nameless, []);
  await page.keyboard.press('Escape');
  await page.locator('.surface').focus();
  await page.keyboard.press('?');
  assert.ok(await page.locator('#help-dialog').evaluate((dialog) => dialog.open));
  await page.keyboard.press('Escape');
});

test('the microphone records', async () => {
  await page.locator('.brand').click();
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.waitForTimeout(1500);
  await page.getByRole('button', { name: /Stop at/ }).click();
  await page.locator('.piece h1', { hasText: 'Recording' }).waitFor();
  await page.locator('summary', { hasText: 'Download' }).waitFor();
  await page.locator('.brand').click();
  await page.locator('.job').nth(1).waitFor();
  await shot('start-dark');
});

test('20,000 notes are drawn', async () => {
  const { jobs } = await (await fetch(`${address}api/v1/jobs`)).json();
  const notes = Array.from({ length: 20000 }, (_, i) => ({
    onset_sec: (i * jobs[0].duration_sec) / 20000,
    offset_sec: (i * jobs[0].duration_sec) / 20000 + 0.2,
    pitch: 30 + ((i * 7) % 64),
    program: [0, 24, 33, 40, 56][i % 5],
  }));
  const body = JSON.stringify({ format: 'yourmt3-notes', version: 1, notes });
  const answer = await fetch(`${address}api/v1/jobs/${jobs[0].id}/notes`, { method: 'PUT', body });
  assert.equal(answer.status, 200);
  await page.goto(`${address}#job=${jobs[0].id}`);
  await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('20,000 notes'));
  const box = await page.locator('canvas').boundingBox();
  await page.mouse.move(box.x + 600, box.y + 300);
  // Times of frames are told, not judged: they depend on the machine.
  await page.evaluate(() => {
    window.frames_ = [];
    const tick = (now) => (window.frames_.push(now), requestAnimationFrame(tick));
    requestAnimationFrame(tick);
  });
  await page.keyboard.down('Control');
  for (let i = 0; i < 20; ++i) await page.mouse.wheel(0, -60);
  await page.keyboard.up('Control');
  for (let i = 0; i < 40; ++i) await page.mouse.wheel(0, 80);
  await settle();
  const times = await page.evaluate(() => window.frames_.slice(1).map((t, i) => t - window.frames_[i]).sort((a, b) => a - b));
  console.log(`frames while zooming and scrolling: median ${times[times.length >> 1].toFixed(1)} ms, 95 % ${times[Math.floor(times.length * 0.95)].toFixed(1)} ms`);
  assert.ok((await colouredPixels()).count > 20000);
  await shot('many-notes');
});

test('nothing came from elsewhere and nothing went wrong', () => {
  assert.deepEqual(foreign, []);
  assert.deepEqual(complaints, []);
});
