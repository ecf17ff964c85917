/** A map in one HTML file: the map of the app, and beside it what was clicked or selected. */

import { decodeBytes } from "../map_view/codec.js";
import { mountMap } from "../map_view/map_view.js";
import { find } from "../../widgets/mount.js";

/** @import { Message } from "../map_view/map_view.js" */
/** @import { MapData, Points } from "../map_view/scene.js" */

/**
 * @typedef {object} Details
 * @property {string[]} pictures thumbnails, as data URLs
 * @property {string[]} pages the URL of each model's page, or ""
 * @property {string[]} credits
 */

/** @typedef {{ name: string, count: number, colour: string }} LegendEntry */

const MAX_LISTED = 300; // models of a selection

const pointsText = find(document, "#points", HTMLScriptElement).text;
/** @type {Points & Details} */
const points = JSON.parse(pointsText);
/** @type {MapData & { legend: LegendEntry[] }} */
const settings = JSON.parse(find(document, "#settings", HTMLScriptElement).text);
const categories = new Uint16Array(decodeBytes(points.category).buffer);
const aside = find(document, "aside", HTMLElement);
const map = find(document, "#map", HTMLElement);
const pointsUrl = URL.createObjectURL(new Blob([pointsText], { type: "application/json" }));

/** @param {string} selected which points are selected, as in `MapData` */
function showMap(selected) {
  mountMap({
    data: { ...settings, points: pointsUrl, selected },
    parentElement: map,
    setTriggerValue: (_name, message) => receive(/** @type {Message} */ (message)),
  });
}

/**
 * Do what Python does in the app: show what was opened or selected.
 *
 * @param {Message} message
 */
function receive(message) {
  if (message.kind === "open") {
    showDetails(points.ids.indexOf(message.id));
  } else if (message.kind === "select") {
    showMap(message.rows);
    showSelected(message.rows);
  } else {
    showMap("");
    showLegend();
  }
}

/** @param {number} point */
function showDetails(point) {
  aside.replaceChildren(
    picture(point),
    element("h2", points.names[point]),
    element("p", points.categories[categories[point]]),
    element("p", points.credits[point]),
  );
  const href = points.pages[point];
  if (/^https?:/.test(href)) {
    const link = element("a", "Open page");
    aside.append(Object.assign(link, { href, target: "_blank", rel: "noopener noreferrer" }));
  }
  addBackButton();
}

/** @param {string} rows */
function showSelected(rows) {
  const selected = [...decodeBytes(rows)].flatMap((each, point) => (each ? [point] : []));
  const list = element("ul");
  for (const point of selected.slice(0, MAX_LISTED)) {
    const item = element("li");
    item.append(picture(point), element("span", points.names[point]));
    list.append(item);
  }
  aside.replaceChildren(element("h2", `${selected.length.toLocaleString("en")} selected`), list);
  if (selected.length > MAX_LISTED) aside.append(element("p", `Showing the first ${MAX_LISTED}.`));
  addBackButton();
}

function showLegend() {
  const list = element("ul");
  for (const { name, count, colour } of settings.legend) {
    const item = element("li");
    const dot = element("i");
    dot.style.background = colour;
    item.append(dot, element("span", name), element("span", count.toLocaleString("en")));
    list.append(item);
  }
  aside.replaceChildren(list);
}

function addBackButton() {
  if (!settings.legend.length) return;
  const button = element("button", "Back to legend");
  button.onclick = showLegend;
  aside.append(button);
}

/** @param {number} point */
function picture(point) {
  return Object.assign(element("img"), { src: points.pictures[point], alt: "" });
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} text
 */
function element(tag, text = "") {
  const created = document.createElement(tag);
  created.textContent = text;
  return created;
}

showLegend();
showMap("");
