"use strict";
// What every part of the page is made with.

const report = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const kSvg = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
const make = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const draw = (tag, attributes, ...children) => fill(document.createElementNS(kSvg, tag), attributes, children);

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const percent = (value, digits = 2) => (isNumber(value) ? (100 * value).toFixed(digits) : "–");
const count = (value) => Number(value).toLocaleString("en");

function duration(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts[0] > 0 ? `${parts[0]} h ${parts[1]} min` : parts[1] > 0 ? `${parts[1]} min ${parts[2]} s` : `${parts[2]} s`;
}

const tip = {
  show(text, x, y) {
    const box = byId("tip");
    box.textContent = text;
    box.hidden = false;
    const place = box.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - place.width - 8))}px`;
    box.style.top = `${y + 18 + place.height > innerHeight ? y - place.height - 12 : y + 18}px`;
  },
  hide() {
    byId("tip").hidden = true;
  },
};

/// The text appears at the pointer.
function withTip(element, text) {
  element.addEventListener("pointermove", (event) => tip.show(text, event.clientX, event.clientY));
  element.addEventListener("pointerleave", tip.hide);
  return element;
}

/// Published rows of a set; none for a set of one's own.
const publishedOf = (set) => set.published?.systems ?? [];
const publishedDoubt = (set, system, metric) =>
  (set.published?.notes ?? []).some((note) => (!note.system || note.system === system) && note.meaningless.includes(metric));
