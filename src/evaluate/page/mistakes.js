// What is wrong: kinds of wrong notes, timing, and which instrument was heard.

const kWrongNotes = {
  repeated: "heard twice",
  semitone: "a semitone off",
  octave_above: "an octave too high",
  octave_below: "an octave too low",
  twelfth: "a twelfth off",
  two_octaves: "two octaves off",
  fifth: "a fifth off",
  other_pitch: "another pitch begins there",
  sounding: "the pitch sounds, nothing begins",
  nothing: "nothing is there",
};

function showFigures(analysis) {
  const { classes, timing, confusion, wrong_notes: wrong } = analysis;
  const octaves = ["octave_above", "octave_below", "two_octaves"].reduce((sum, kind) => sum + wrong.kinds[kind].n, 0);
  const milliseconds = (value) => (isNumber(value) ? `${value.toFixed(1).replace("-", "−")} ms` : "–");
  const figures = [
    ["Instruments detected, F1", percent(classes.f1), `${percent(classes.precision, 1)} precision, ${percent(classes.recall, 1)} recall`],
    ["Instrument leakage", isNumber(classes.leakage_ratio) ? classes.leakage_ratio.toFixed(2) : "–", "instruments heard for each that plays"],
    ["Right note, wrong instrument", isNumber(confusion.wrong_share) ? `${percent(confusion.wrong_share, 1)} %` : "–", `of ${count(confusion.paired)} with pitch and onset right`],
    ["Onset error", milliseconds(timing.onset_ms.median), `median; 90 % from ${milliseconds(timing.onset_ms.p5)} to ${milliseconds(timing.onset_ms.p95)}`],
    ["Offset error", milliseconds(timing.offset_ms.median), `median; 90 % from ${milliseconds(timing.offset_ms.p5)} to ${milliseconds(timing.offset_ms.p95)}`],
    ["Octave errors", wrong.false_positives > 0 ? `${percent(octaves / wrong.false_positives, 1)} %` : "–", `of ${count(wrong.false_positives)} wrong notes`],
    ["Doublings lost", count(wrong.missed_doublings), `of ${count(wrong.missed)} missed notes; the octave was found`],
  ];
  byId("mistake-figures").replaceChildren(make("dl", { class: "figures" }, figures.map(([name, value, what]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value, make("small", {}, what))))));
}

function showWrongNotes(wrong) {
  const place = byId("wrong-notes");
  if (wrong.false_positives === 0) {
    place.replaceChildren(make("p", { class: "note" }, "No note is wrong."));
    return;
  }
  const row = 28, left = 225, right = 56, width = 460, names = Object.keys(kWrongNotes);
  const most = Math.max(...names.map((name) => wrong.kinds[name].share));
  const svg = draw("svg", { viewBox: `0 0 ${width} ${names.length * row}`, role: "img", "aria-label":
    `Of ${wrong.false_positives} wrong notes: ${names.map((name) => `${kWrongNotes[name]} ${percent(wrong.kinds[name].share, 1)} percent`).join(", ")}` });
  names.forEach((name, index) => {
    const kind = wrong.kinds[name], y = index * row + 4, length = (share) => (share / most) * (width - left - right);
    const text = `${kWrongNotes[name]}: ${count(kind.n)} of ${count(wrong.false_positives)} wrong notes\n${count(kind.instead)} of them instead of a note that was missed`;
    svg.append(draw("text", { x: left - 10, y: y + 14, "text-anchor": "end" }, kWrongNotes[name]),
      draw("rect", { class: "bar second", x: left, y, width: Math.max(1, length(kind.share)), height: 18, rx: 2 }),
      draw("rect", { class: "bar", x: left, y, width: kind.n > 0 ? length((kind.share * kind.instead) / kind.n) : 0, height: 18, rx: 2 }),
      draw("text", { class: "soft", x: left + length(kind.share) + 8, y: y + 14 }, `${percent(kind.share, 1)} %`),
      withTip(draw("rect", { x: 0, y, width, height: row, fill: "transparent" }), text));
  });
  place.replaceChildren(make("ul", { class: "legend" },
    make("li", {}, make("span", { class: "swatch", style: "background:var(--accent)" }), "instead of a missed note"),
    make("li", {}, make("span", { class: "swatch", style: "background:var(--accent-soft)" }), "besides")), svg);
}

function showConfusion(confusion) {
  // Instruments of which there is nothing would only take room.
  const used = confusion.instruments.map((_, i) => i).filter((i) =>
    confusion.missed[i] + confusion.invented[i] + confusion.notes[i].reduce((sum, n) => sum + n, 0) + confusion.notes.reduce((sum, line) => sum + line[i], 0) > 0);
  const cell = (n, all, right) => {
    const share = all > 0 ? n / all : 0;
    return make("td", { style: n > 0 ? `background:color-mix(in srgb, var(${right ? "--found" : "--invented"}) ${Math.round(8 + 70 * share)}%, transparent)` : null }, n > 0 ? count(n) : "");
  };
  const head = make("tr", {}, make("th", { scope: "col" }, "played ↓ heard →"),
    used.map((i) => make("th", { scope: "col" }, confusion.instruments[i])), make("th", { scope: "col" }, "missed"));
  const rows = used.map((i) => {
    const all = confusion.notes[i].reduce((sum, n) => sum + n, 0) + confusion.missed[i];
    return make("tr", {}, make("th", { scope: "row" }, confusion.instruments[i]), used.map((k) => cell(confusion.notes[i][k], all, i === k)),
      cell(confusion.missed[i], all, false));
  });
  rows.push(make("tr", {}, make("th", { scope: "row" }, "invented"), used.map((k) => make("td", {}, count(confusion.invented[k]))), make("td", {})));
  byId("confusion").replaceChildren(make("table", { class: "matrix" }, make("thead", {}, head), make("tbody", {}, rows)),
    make("p", { class: "note small" }, "Notes with the right pitch and onset, by the instrument that they were given to."));
}

function showMistakes(set) {
  const pitched = set.analysis.confusion.paired + set.analysis.wrong_notes.false_positives + set.analysis.wrong_notes.missed > 0;
  document.querySelector("#mistakes .pair").hidden = !pitched;
  showFigures(set.analysis);
  if (!pitched) return;
  showWrongNotes(set.analysis.wrong_notes);
  showConfusion(set.analysis.confusion);
}
