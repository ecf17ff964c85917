/** A card of a gallery: its elements, and what they show. */

import { copyOf, find } from "../mount.js";
import { loadWhenNear, sourceOf } from "../lazy_pictures.js";

/**
 * A part of a picture, in shares of its width and height.
 *
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Box
 */

/**
 * @typedef {object} Card
 * @property {string} id
 * @property {string} src
 * @property {string} href what a click opens, or "" if the card is no link
 * @property {string} name
 * @property {string} note
 * @property {string} detail
 * @property {number | null} bar how much of it is filled, 0 to 1, or null for no bar
 * @property {Box | null} box outlined on the picture
 * @property {string} label for screen readers
 * @property {string} description what they say after it, or ""
 */

/** @typedef {{ name: string, label: string, sign: keyof typeof SIGNS, key: string }} Action */

// The icons of the actions, drawn in a circle of 24 x 24.
const SIGNS = {
  plus: "M12 7v10 M7 12h10",
  minus: "M7 12h10",
  why: "M9.2 9.6a2.8 2.8 0 1 1 4.2 2.4c-.9.5-1.4 1-1.4 2 M12 17v.01",
};

/** @param {HTMLTemplateElement} template */
export function createItem(template) {
  const item = copyOf(template);
  const image = find(item, "img", HTMLImageElement);
  image.addEventListener("error", () => {
    item.classList.remove("loading");
    item.classList.add("broken");
  });
  // The box is placed on the picture itself, whose proportions are known only now.
  image.addEventListener("load", () => {
    item.classList.remove("loading");
    item.style.setProperty("--ratio", String(image.naturalWidth / image.naturalHeight));
    showPart(image);
  });
  const actions = find(item, ".actions", HTMLElement);
  find(item, ".open-actions", HTMLButtonElement).popoverTargetElement = actions;
  return item;
}

/**
 * @param {HTMLElement} item
 * @param {Card} card
 */
export function fillItem(item, card) {
  const pick = find(item, ".pick", HTMLAnchorElement);
  mark(pick, "href", card.href || false);
  mark(pick, "role", card.href ? false : "button");
  pick.setAttribute("aria-label", card.label);
  find(item, ".name", HTMLElement).textContent = card.name;
  find(item, ".note", HTMLElement).textContent = card.note;
  find(item, ".stand-in", HTMLElement).textContent = card.name;
  fillBar(item, card, pick);
  outline(find(item, ".box", HTMLElement), card.box);

  const image = find(item, "img", HTMLImageElement);
  if (sourceOf(image) !== card.src) {
    item.classList.remove("broken");
    // The picture before stays until the new one is there.
    item.classList.toggle("loading", image.naturalWidth === 0);
    loadWhenNear(image, card.src);
  }
}

/**
 * Fill the bar, and the tooltip of a card that has one; other cards have the browser's own.
 *
 * @param {HTMLElement} item
 * @param {Card} card
 * @param {HTMLAnchorElement} pick
 */
function fillBar(item, { bar, name, detail }, pick) {
  const hasBar = bar !== null;
  mark(pick, "title", hasBar ? false : detail ? `${name}\n${detail}` : name);
  find(item, ".full", HTMLElement).textContent = hasBar ? name : "";
  find(item, ".detail", HTMLElement).textContent = hasBar ? detail : "";
  item.classList.toggle("scored", hasBar);
  if (hasBar) item.style.setProperty("--filled", `${100 * bar}%`);
}

/**
 * Fill the buttons of the actions. They are beside the card's link, because a link cannot hold
 * buttons. A button keeps its node. On a touch screen, where no tooltip says what its sign means,
 * they are in a sheet with their labels, which one button opens.
 *
 * @param {HTMLElement} item
 * @param {Card} card
 * @param {Action[]} actions
 * @param {HTMLTemplateElement} template of a button
 */
export function fillActions(item, card, actions, template) {
  const keys = actions.map((action) => `${action.key} ${action.label}`).join(", ");
  const pick = find(item, ".pick", HTMLAnchorElement);
  const description = [card.description, keys && `Keys: ${keys}`].filter(Boolean).join(". ");
  mark(pick, "aria-description", description !== "" && description);

  const open = find(item, ".open-actions", HTMLButtonElement);
  open.hidden = actions.length === 0;
  open.setAttribute("aria-label", `Actions: ${card.name}`);
  find(item, ".title", HTMLElement).textContent = card.name;

  const bar = find(item, ".buttons", HTMLElement);
  while (bar.childElementCount > actions.length) bar.lastElementChild?.remove();
  while (bar.childElementCount < actions.length) bar.append(copyOf(template));
  actions.forEach((action, number) => {
    const button = /** @type {HTMLButtonElement} */ (bar.children[number]);
    button.value = action.name;
    button.dataset.key = action.key;
    button.title = `${action.label} (${action.key})`;
    button.setAttribute("aria-label", `${action.label}: ${card.name}`);
    button.setAttribute("aria-keyshortcuts", action.key === "+" ? "Plus" : action.key);
    find(button, "path", SVGPathElement).setAttribute("d", SIGNS[action.sign]);
    find(button, ".label", HTMLElement).textContent = action.label;
  });
}

/** @param {EventTarget | null} target */
export function elementOf(target) {
  return target instanceof Element ? target : null;
}

/**
 * The link or button that picks the card in which an event happened.
 *
 * @param {EventTarget | null} target
 */
export function pickOf(target) {
  const pick = elementOf(target)?.closest("li")?.querySelector(".pick");
  return pick instanceof HTMLElement ? pick : undefined;
}

/**
 * The buttons of the actions of the card in which an event happened.
 *
 * @param {EventTarget | null} target
 */
export function actionsOf(target) {
  const card = elementOf(target)?.closest("li");
  const found = card?.querySelectorAll(".actions button") ?? [];
  return [.../** @type {Iterable<HTMLButtonElement>} */ (found)];
}

/**
 * The sheet of actions in which an event happened, if it is open.
 *
 * @param {EventTarget | null} target
 */
export function openSheetOf(target) {
  const sheet = elementOf(target)?.closest(".actions:popover-open");
  return sheet instanceof HTMLElement ? sheet : null;
}

/**
 * Draw a box around a part of the picture; null is no box.
 *
 * @param {HTMLElement} element
 * @param {Box | null} box
 */
function outline(element, box) {
  element.hidden = box === null;
  if (box === null) return;
  const { left, top, right, bottom } = box;
  const insets = [top, 1 - right, 1 - bottom, left];
  element.style.inset = insets.map((share) => `${100 * share}%`).join(" ");
}

/**
 * Show one of the squares that are side by side in a file, if the URL says which.
 *
 * @param {HTMLImageElement} image
 */
function showPart({ src, style }) {
  const position = positionOfPart(src);
  style.objectFit = position ? "cover" : "";
  style.objectPosition = position;
}

/**
 * Where a square of a file is that has several side by side, as CSS says it; "" if the URL does not
 * name one.
 *
 * @param {string} src
 */
export function positionOfPart(src) {
  const [, number, count] = /#(\d+)\/(\d+)$/.exec(src) ?? [];
  return count ? `${(100 * Number(number)) / Math.max(1, Number(count) - 1)}%` : "";
}

/**
 * Set an attribute to a text, or to "true"; false removes it.
 *
 * @param {Element} element
 * @param {string} attribute
 * @param {string | boolean} value
 */
export function mark(element, attribute, value) {
  if (value === false) {
    element.removeAttribute(attribute);
  } else {
    element.setAttribute(attribute, String(value));
  }
}
