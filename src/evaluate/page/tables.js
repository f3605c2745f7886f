// Tables: facts, summary, instruments, tracks.

function showFacts() {
  const seconds = report.sets.reduce((sum, set) => sum + set.seconds, 0);
  const spent = report.sets.reduce((sum, set) => sum + set.transcription_seconds, 0);
  const tracks = report.sets.reduce((sum, set) => sum + set.tracks.length, 0);
  const facts = [
    ["Model", report.model.split("/").pop()],
    ["Hash", report.model_hash.slice(0, 12)],
    ["Data sets", count(report.sets.length)],
    ["Tracks", count(tracks)],
    ["Music", duration(seconds)],
    ["Transcribed in", `${duration(spent)} of work, ${(seconds / Math.max(spent, 1e-9)).toFixed(1)} × real time`],
    ["Program", `yourmt3 ${report.program}`],
  ];
  byId("facts").replaceChildren(...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function scoreCell(set, metric) {
  const value = set.means[metric];
  if (!isNumber(value)) return make("td", {}, "–");
  const doubtful = set.meaningless.includes(metric);
  const cell = make("td", { class: doubtful ? "doubtful" : null },
    make("span", { class: "value" }, percent(value) + (doubtful ? " †" : "")),
    make("span", { class: "meter" }, make("i", { style: `width:${percent(value)}%` })));
  const interval = set.intervals[metric];
  if (interval) cell.append(make("small", {}, `${percent(interval[0], 1)} – ${percent(interval[1], 1)}`));
  return cell;
}

function publishedCell(set, system, metric) {
  const value = system.means[metric];
  const doubtful = publishedDoubt(set, system.name, metric);
  return make("td", {}, percent(value) + (isNumber(value) && doubtful ? " †" : ""));
}

function showSummary() {
  const head = make("tr", {}, make("th", { scope: "col" }, "Data set"),
    report.columns.map((column) => make("th", { scope: "col" }, column.heading)));
  const rows = [];
  for (const set of report.sets) {
    rows.push(make("tr", { class: "measured" },
      make("th", { scope: "row" }, set.name, make("small", {}, `${count(set.tracks.length)} tracks, ${duration(set.seconds)}`)),
      report.columns.map((column) => scoreCell(set, column.metric))));
    for (const system of publishedOf(set)) {
      rows.push(make("tr", { class: "published" }, make("th", { scope: "row" }, `published: ${system.name}`),
        report.columns.map((column) => publishedCell(set, system, column.metric))));
    }
  }
  byId("summary-table").replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, rows)));

  byId("remarks").replaceChildren(...report.sets.flatMap((set) => set.remarks.map((text) => make("li", {}, text))));
  byId("source").textContent = report.sets.some((set) => set.published) ? `Published values: ${report.published}.` : "";
}

function showInstrumentTable(set) {
  const head = make("tr", {}, make("th", { scope: "col" }, "Instrument"),
    report.class_columns.map((column) => make("th", { scope: "col" }, column.heading)));
  const rows = [];
  for (const instrument of set.instruments) {
    const name = (column) => `${column.metric}_${instrument.suffix}`;
    rows.push(make("tr", { class: "measured" }, make("th", { scope: "row" }, instrument.name),
      report.class_columns.map((column) => scoreCell(set, name(column)))));
    for (const system of publishedOf(set)) {
      if (!report.class_columns.some((column) => isNumber(system.means[name(column)]))) continue;
      rows.push(make("tr", { class: "published" }, make("th", { scope: "row" }, `published: ${system.name}`),
        report.class_columns.map((column) => publishedCell(set, system, name(column)))));
    }
  }
  byId("instrument-table").replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, rows)));
}

/// A table whose headings sort it.
function showTrackTable(set) {
  const columns = [
    { heading: "Track", value: (track) => track.id, text: (track) => track.id },
    { heading: "Seconds", value: (track) => track.seconds, text: (track) => track.seconds.toFixed(1) },
    { heading: "Notes", value: (track) => track.reference_notes, text: (track) => count(track.reference_notes) },
    { heading: "Heard", value: (track) => track.estimate_notes, text: (track) => count(track.estimate_notes) },
    ...report.columns.map((column) => ({
      heading: column.heading,
      value: (track) => track.metrics[column.metric] ?? -1,
      text: (track) => percent(track.metrics[column.metric]),
    })),
  ];
  const body = make("tbody", {});
  const heads = columns.map((column, index) => make("th", { scope: "col" }, make("button", { type: "button", click: () => sort(index) }, column.heading)));
  let sorted = { index: -1, falling: false };
  function sort(index) {
    sorted = { index, falling: sorted.index === index && !sorted.falling };
    const value = columns[index].value;
    const order = [...set.tracks].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return (typeof x === "string" ? x.localeCompare(y) : x - y) * (sorted.falling ? -1 : 1);
    });
    heads.forEach((head, i) => (i === index ? head.setAttribute("aria-sort", sorted.falling ? "descending" : "ascending") : head.removeAttribute("aria-sort")));
    body.replaceChildren(...order.map((track) => make("tr", { "data-track": track.id },
      columns.map((column, i) => make(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, column.text(track))))));
  }
  sort(0);
  byId("track-table").replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, heads)), body));
}
