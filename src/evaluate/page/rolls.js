// The worst tracks: notes of both sides on one time axis, and sound.

const kStandings = ["found", "other", "alone"];

/// Two piano rolls that move together.
class Rolls {
  constructor(picture) {
    this.picture = picture;
    this.instrument = -1;
    this.playhead = null;
    this.sides = ["reference", "estimate"].map((side) => this.makeSide(side));
    this.measure();
    this.view = { start: picture.start_sec, length: Math.max(1, picture.length_sec) };
    this.element = make("div", { class: "rolls" }, this.makeTools(), this.sides.map((side) => side.figure));
    for (const { canvas } of this.sides) canvas.style.height = `${this.height}px`;
    new ResizeObserver(() => this.paint()).observe(this.element);
  }

  makeSide(side) {
    const notes = this.picture[side];
    const alone = notes.filter((note) => note[4] === 2).length;
    const other = notes.filter((note) => note[4] === 1).length;
    const name = side === "reference" ? "Reference" : "Estimate";
    const canvas = make("canvas", { tabindex: 0, role: "img", "aria-label":
      `${name}: ${notes.length} notes, ${alone} ${side === "reference" ? "missed" : "invented"}, ${other} as another instrument. Arrow keys move, + and - zoom` });
    const caption = `${name}: ${count(notes.length)} notes, ${count(alone)} ${side === "reference" ? "missed" : "invented"}, ${count(other)} as another instrument`;
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("pointermove", (event) => this.hover(event, side, canvas));
    canvas.addEventListener("pointerleave", tip.hide);
    canvas.addEventListener("pointerdown", (event) => this.drag(event, canvas));
    return { side, notes, canvas, figure: make("figure", {}, make("figcaption", {}, caption), canvas) };
  }

  makeTools() {
    const button = (text, label, action) => make("button", { type: "button", "aria-label": label, title: label, click: action }, text);
    const select = make("select", { change: () => { this.instrument = Number(select.value); this.paint(); } },
      make("option", { value: -1 }, "all instruments"),
      this.picture.instruments.map((instrument, index) => make("option", { value: index }, instrument.name)));
    return make("div", { class: "tools" },
      button("◀", "Earlier", () => this.move(-0.5)), button("▶", "Later", () => this.move(0.5)),
      button("+", "Zoom in", () => this.zoom(0.5)), button("−", "Zoom out", () => this.zoom(2)),
      button("Excerpt", "The stretch with the most mistakes", () => this.look(this.picture.start_sec, this.picture.length_sec)),
      button("Whole track", "The whole track", () => this.look(0, this.picture.seconds)),
      make("label", {}, "Show ", select),
      make("button", { type: "button", class: "stack", "aria-pressed": "false", click: (event) => {
        event.currentTarget.setAttribute("aria-pressed", String(this.element.classList.toggle("stacked")));
      } }, "One above the other"));
  }

  /// Rows of pitches, and of drums below them.
  measure() {
    const all = [...this.picture.reference, ...this.picture.estimate];
    const isDrum = (note) => this.picture.instruments[note[3]].drum;
    const pitches = all.filter((note) => !isDrum(note)).map((note) => note[2]);
    this.low = pitches.length > 0 ? Math.min(...pitches) - 2 : 59;
    this.high = pitches.length > 0 ? Math.max(...pitches) + 2 : 61;
    this.drums = [...new Set(all.filter(isDrum).map((note) => note[3]))]
      .sort((a, b) => this.picture.instruments[a].name.localeCompare(this.picture.instruments[b].name));
    this.isDrum = isDrum;
    this.rowHeight = pitches.length > 0 ? Math.max(3, Math.min(7, 260 / (this.high - this.low))) : 0;
    this.drumHeight = 12;
    this.pitchArea = pitches.length > 0 ? (this.high - this.low) * this.rowHeight : 0;
    this.height = Math.round(this.pitchArea + this.drums.length * this.drumHeight + 30);
  }

  look(start, length) {
    const span = Math.max(0.5, Math.min(length, this.picture.seconds));
    this.view = { start: Math.max(0, Math.min(start, this.picture.seconds - span)), length: span };
    this.paint();
  }
  move(share) { this.look(this.view.start + share * this.view.length, this.view.length); }
  zoom(factor) {
    const length = Math.max(0.5, Math.min(this.view.length * factor, this.picture.seconds));
    this.look(this.view.start + (this.view.length - length) / 2, length);
  }
  key(event) {
    const act = { ArrowLeft: () => this.move(-0.25), ArrowRight: () => this.move(0.25), "+": () => this.zoom(0.5), "=": () => this.zoom(0.5),
      "-": () => this.zoom(2), Home: () => this.look(0, this.view.length), End: () => this.look(this.picture.seconds, this.view.length) }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }
  drag(event, canvas) {
    const start = this.view.start, from = event.clientX;
    const move = (next) => this.look(start - ((next.clientX - from) / (canvas.clientWidth - kRollLeft)) * this.view.length, this.view.length);
    canvas.setPointerCapture(event.pointerId);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", () => canvas.removeEventListener("pointermove", move), { once: true });
  }

  /// Left, top, width and height of a note on a canvas of that width.
  place(note, width) {
    const scale = (width - kRollLeft) / this.view.length;
    const x = kRollLeft + (note[0] / 1000 - this.view.start) * scale;
    if (this.isDrum(note)) return [x - 2, this.pitchArea + 6 + this.drums.indexOf(note[3]) * this.drumHeight, 5, this.drumHeight - 3];
    return [x, (this.high - note[2]) * this.rowHeight, Math.max(2, (note[1] / 1000) * scale), this.rowHeight];
  }

  hover(event, side, canvas) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const hit = this.picture[side].find((note) => {
      if (this.instrument >= 0 && note[3] !== this.instrument) return false;
      const [left, top, width, height] = this.place(note, box.width);
      return x >= left - 2 && x <= left + width + 2 && y >= top - 1 && y <= top + height + 1;
    });
    if (!hit) return tip.hide();
    const instrument = this.picture.instruments[hit[3]];
    const pitch = instrument.drum ? "" : `, ${kPitchNames[hit[2] % 12]}${Math.floor(hit[2] / 12) - 1} (${hit[2]})`;
    const standing = ["found", "found as another instrument", side === "reference" ? "missed" : "invented"][hit[4]];
    tip.show(`${instrument.name}${pitch}\n${(hit[0] / 1000).toFixed(2)} s, ${hit[1]} ms long\n${standing}`, event.clientX, event.clientY);
  }

  paint() {
    for (const side of this.sides) this.paintSide(side);
  }
  paintSide({ side, notes, canvas }) {
    const width = canvas.clientWidth, ratio = devicePixelRatio || 1;
    if (width === 0) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(this.height * ratio);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const scale = (width - kRollLeft) / this.view.length;
    const x = (seconds) => kRollLeft + (seconds - this.view.start) * scale;
    const floor = this.height - 20;
    pen.font = "11px system-ui, sans-serif";

    pen.save();
    pen.beginPath();
    pen.rect(kRollLeft, 0, width - kRollLeft, floor);
    pen.clip();
    pen.fillStyle = colour("excerpt");
    pen.fillRect(x(this.picture.start_sec), 0, this.picture.length_sec * scale, floor);
    pen.restore();
    pen.strokeStyle = colour("line");
    pen.fillStyle = colour("soft");
    pen.lineWidth = 1;
    for (let pitch = Math.ceil(this.low / 12) * 12; this.pitchArea > 0 && pitch <= this.high; pitch += 12) {
      const y = (this.high - pitch + 1) * this.rowHeight;
      pen.beginPath();
      pen.moveTo(kRollLeft, y);
      pen.lineTo(width, y);
      pen.stroke();
      pen.fillText(`C${pitch / 12 - 1}`, 8, y);
    }
    this.drums.forEach((drum, row) => pen.fillText(this.picture.instruments[drum].name.slice(0, 12), 4, this.pitchArea + 14 + row * this.drumHeight));
    const step = tickStep(this.view.length, 8);
    for (let tick = Math.ceil(this.view.start / step) * step; tick <= this.view.start + this.view.length; tick += step) {
      pen.beginPath();
      pen.moveTo(x(tick), floor);
      pen.lineTo(x(tick), floor + 4);
      pen.stroke();
      if (x(tick) < width - 40) pen.fillText(`${Number(tick.toFixed(2))} s`, x(tick) + 3, this.height - 5);
    }

    pen.save();
    pen.beginPath();
    pen.rect(kRollLeft, 0, width - kRollLeft, floor);
    pen.clip();
    const colours = kStandings.map((name) => colour(name === "alone" ? (side === "reference" ? "missed" : "invented") : name));
    for (const note of notes) {
      if (this.instrument >= 0 && note[3] !== this.instrument) continue;
      const [left, top, length, height] = this.place(note, width);
      if (left + length < kRollLeft || left > width) continue;
      pen.fillStyle = pen.strokeStyle = colours[note[4]];
      const gap = length > 5 ? 1 : 0;
      // What is missed is hollow, so that colour is not all that tells it.
      if (note[4] === 2 && side === "reference") {
        pen.lineWidth = 1.5;
        pen.strokeRect(left + 0.75, top + 0.75, Math.max(1, length - 1.5 - gap), Math.max(1, height - 1.5));
      } else {
        pen.fillRect(left, top, length - gap, height - 0.5);
      }
    }
    if (this.playhead !== null) {
      pen.fillStyle = colour("ink");
      pen.fillRect(x(this.playhead) - 1, 0, 2, floor);
    }
    pen.restore();
  }

  /// The line that follows the sound.
  follow(audio) {
    const step = () => {
      this.playhead = audio.paused && audio.currentTime === 0 ? null : this.picture.start_sec + audio.currentTime;
      this.paint();
      if (!audio.paused) requestAnimationFrame(step);
    };
    for (const event of ["play", "seeked", "pause", "ended"]) audio.addEventListener(event, step);
  }
}

const kRollLeft = 84;
const kPitchNames = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

const slug = (text) => `track-${text.replace(/[^A-Za-z0-9_-]/g, "_")}`;

function showWorst(set) {
  const pictures = report.pictures.filter((picture) => picture.set === set.name);
  const cards = pictures.map((picture) => {
    const track = set.tracks.find((one) => one.id === picture.track);
    const scores = report.columns.filter((column) => isNumber(track.metrics[column.metric]))
      .map((column) => `${column.heading} ${percent(track.metrics[column.metric], 1)}`).join(" · ");
    const rolls = new Rolls(picture);
    const card = make("article", { class: "track", id: slug(picture.track), tabindex: -1 },
      make("div", { class: "track-head" }, make("h3", {}, picture.track), make("p", {}, scores)), rolls.element);
    if (picture.audio) {
      const end = picture.start_sec + picture.length_sec;
      card.append(make("div", { class: "sounds" }, [["recording", "Recording"], ["reference", "Reference, played"], ["estimate", "Estimate, played"]]
        .map(([name, title]) => {
          const audio = make("audio", { controls: true, preload: "none", src: picture.audio[name] });
          audio.addEventListener("play", () => document.querySelectorAll("audio").forEach((one) => one !== audio && one.pause()));
          rolls.follow(audio);
          return make("label", {}, `${title}, ${picture.start_sec.toFixed(1)} – ${end.toFixed(1)} s`, audio);
        })));
    }
    return card;
  });
  if (cards.length === 0) cards.push(make("p", { class: "note" }, "No tracks are shown."));
  byId("worst-tracks").replaceChildren(...cards);
  return cards;
}
