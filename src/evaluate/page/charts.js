// Charts: scores by instrument, and tracks.

function showInstrumentBars(set, prefix) {
  const place = byId("instrument-bars");
  if (set.instruments.length === 0) {
    place.replaceChildren(make("p", { class: "note" }, "Nothing is scored by instrument: no classes were given."));
    return;
  }
  const row = 46, left = 210, right = 60, width = 1000, height = set.instruments.length * row + 30;
  const x = (value) => left + value * (width - left - right);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `F1 by instrument, ${set.name}; the table below has the numbers` });
  for (let tick = 0; tick <= 10; tick += 2) {
    svg.append(draw("line", { class: "grid", x1: x(tick / 10), x2: x(tick / 10), y1: 0, y2: height - 24 }),
      draw("text", { class: "soft", x: x(tick / 10), y: height - 6, "text-anchor": "middle" }, `${tick * 10}`));
  }
  set.instruments.forEach((instrument, index) => {
    const top = index * row + 6;
    svg.append(draw("text", { x: left - 12, y: top + 22, "text-anchor": "end" }, instrument.name));
    ["onset_f", "offset_f"].forEach((kind, which) => {
      const metric = `${prefix}${kind}_${instrument.suffix}`;
      const value = set.means[metric];
      const y = top + which * 17;
      const lines = [`${instrument.name}, ${which === 0 ? "onset" : "onset and offset"} F1: ${percent(value)}`];
      const interval = set.intervals[metric];
      if (isNumber(value)) {
        svg.append(draw("rect", { class: which === 0 ? "bar" : "bar second", x: left, y, width: Math.max(1, x(value) - left), height: 14, rx: 2 }),
          draw("text", { class: "soft label", x: x(Math.max(value, interval?.[1] ?? 0)) + 10, y: y + 12 }, percent(value, 1)));
      }
      if (interval) {
        svg.append(draw("line", { class: "whisker", x1: x(interval[0]), x2: x(interval[1]), y1: y + 7, y2: y + 7 }));
        lines.push(`95 % interval: ${percent(interval[0], 1)} – ${percent(interval[1], 1)}`);
      }
      for (const system of publishedOf(set)) {
        const known = system.means[metric];
        if (!isNumber(known)) continue;
        lines.push(`${system.name}, published: ${percent(known)}`);
        svg.append(draw("path", { class: "published", d: `M${x(known)} ${y - 1}l6 8l-6 8l-6 -8z` }));
      }
      svg.append(withTip(draw("rect", { x: left, y: y - 1, width: width - left, height: 16, fill: "transparent" }), lines.join("\n")));
    });
  });
  const key = make("ul", { class: "legend" },
    make("li", {}, make("span", { class: "swatch", style: "background:var(--accent)" }), "onset"),
    make("li", {}, make("span", { class: "swatch", style: "background:var(--accent-soft)" }), "onset and offset"));
  if (publishedOf(set).length > 0) {
    key.append(make("li", {}, make("span", { class: "swatch", style: "background:var(--published);width:.7rem;height:.7rem;transform:rotate(45deg)" }), "published, the system by pointing at it"));
  }
  place.replaceChildren(key, svg);
}

const kAgainst = [
  { name: "notes in the reference", value: (track) => track.reference_notes },
  { name: "notes a second", value: (track) => track.reference_notes / track.seconds },
  { name: "length in seconds", value: (track) => track.seconds },
  { name: "heard notes for each that there is", value: (track) => track.estimate_notes / Math.max(1, track.reference_notes) },
];

/// Round steps for about n ticks up to `most`.
function tickStep(most, n) {
  const rough = Math.max(most, 1e-9) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

function showScatter(set, metric, against, choose) {
  const measured = set.tracks.filter((track) => isNumber(track.metrics[metric]));
  const place = byId("scatter");
  if (measured.length === 0) {
    place.replaceChildren(make("p", { class: "note" }, "No track has this score."));
    return;
  }
  const width = 1000, height = 420, left = 56, bottom = 46, top = 12, right = 20;
  const step = tickStep(Math.max(...measured.map(against.value)), 6);
  const most = step * Math.max(1, Math.ceil(Math.max(...measured.map(against.value)) / step));
  const x = (value) => left + (value / most) * (width - left - right);
  const y = (value) => height - bottom - value * (height - bottom - top);
  const shown = new Set(report.pictures.filter((picture) => picture.set === set.name).map((picture) => picture.track));
  const svg = draw("svg", {
    viewBox: `0 0 ${width} ${height}`, role: "application", tabindex: 0,
    "aria-label": `${measured.length} tracks, score over ${against.name}; arrow keys go from track to track, Enter goes to its notes`,
  });
  for (let tick = 0; tick <= 10; tick += 2) {
    svg.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(tick / 10), y2: y(tick / 10) }),
      draw("text", { class: "soft", x: left - 10, y: y(tick / 10) + 4, "text-anchor": "end" }, `${tick * 10}`));
  }
  for (let tick = 0; tick <= most + step / 2; tick += step) {
    svg.append(draw("text", { class: "soft", x: x(tick), y: height - bottom + 20, "text-anchor": "middle" }, `${Number(tick.toFixed(3))}`));
  }
  svg.append(draw("text", { class: "soft", x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, against.name));
  const order = [...measured].sort((a, b) => against.value(a) - against.value(b));
  const describe = (track) => [
    track.id,
    ...report.columns.filter((column) => isNumber(track.metrics[column.metric])).map((column) => `${column.heading}: ${percent(track.metrics[column.metric])}`),
    `${count(track.reference_notes)} notes, ${count(track.estimate_notes)} heard, ${duration(track.seconds)}`,
    ...(shown.has(track.id) ? ["shown below: Enter or click"] : []),
  ].join("\n");
  let active = -1;
  const dots = order.map((track, index) => {
    const dot = draw("circle", { class: shown.has(track.id) ? "dot shown" : "dot", cx: x(against.value(track)), cy: y(track.metrics[metric]), r: 6 });
    dot.addEventListener("pointerenter", () => activate(index));
    dot.addEventListener("pointerleave", tip.hide);
    dot.addEventListener("click", () => choose(track.id));
    return dot;
  });
  function activate(index) {
    dots[active]?.classList.remove("active");
    active = index;
    dots[active].classList.add("active");
    const box = dots[active].getBoundingClientRect();
    tip.show(describe(order[active]), box.right, box.bottom);
  }
  svg.addEventListener("keydown", (event) => {
    const next = { ArrowRight: active + 1, ArrowUp: active + 1, ArrowLeft: active - 1, ArrowDown: active - 1, Home: 0, End: dots.length - 1 }[event.key];
    if (event.key === "Enter" && active >= 0) choose(order[active].id);
    if (event.key === "Escape") tip.hide();
    if (next === undefined) return;
    event.preventDefault();
    activate(Math.max(0, Math.min(dots.length - 1, next)));
  });
  svg.addEventListener("blur", tip.hide);
  svg.append(...dots);
  place.replaceChildren(svg);
}
