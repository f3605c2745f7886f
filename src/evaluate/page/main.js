// What is chosen, and what follows from it.

function showSet(set) {
  document.querySelectorAll(".of-set").forEach((place) => (place.textContent = report.sets.length > 1 ? `· ${set.name}` : ""));
  const average = document.querySelector("input[name=average]:checked").value;
  showInstrumentBars(set, average);
  showInstrumentTable(set);
  showTrackTable(set);
  showMistakes(set);
  showWorst(set);
  const measured = new Set(set.tracks.flatMap((track) => Object.keys(track.metrics).filter((name) => isNumber(track.metrics[name]))));
  const headings = new Map(report.columns.map((column) => [column.metric, column.heading]));
  const score = byId("score"), before = score.value;
  const names = [...headings.keys(), ...[...measured].sort()].filter((name, index, all) => measured.has(name) && all.indexOf(name) === index);
  score.replaceChildren(...names.map((name) => make("option", { value: name }, headings.get(name) ?? name)));
  score.value = names.includes(before) ? before : names.includes(set.ranking) ? set.ranking : names[0];
  showChosenScatter(set);
}

function showChosenScatter(set) {
  showScatter(set, byId("score").value, kAgainst[byId("against").selectedIndex], (id) => {
    const card = byId(slug(id));
    if (card) {
      tip.hide();
      card.scrollIntoView();
      card.focus({ preventScroll: true });
    }
  });
}

function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme() {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
}

function start() {
  const chosen = () => report.sets[byId("set").selectedIndex];
  byId("set").append(...report.sets.map((set) => make("option", {}, set.name)));
  byId("set-choice").hidden = report.sets.length < 2;
  byId("against").append(...kAgainst.map((against) => make("option", {}, against.name)));
  showFacts();
  showSummary();
  showTheme();
  showSet(chosen());
  byId("set").addEventListener("change", () => showSet(chosen()));
  document.querySelectorAll("input[name=average]").forEach((input) => input.addEventListener("change", () => showInstrumentBars(chosen(), input.value)));
  byId("score").addEventListener("change", () => showChosenScatter(chosen()));
  byId("against").addEventListener("change", () => showChosenScatter(chosen()));
  byId("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    showTheme();
    showWorst(chosen());
  });
}

start();
