/** What is shown of a point besides its place: its picture, its name and its category. */

import { find } from "../../widgets/mount.js";

/** @typedef {{ src: string, name: string, detail: string }} Content */

/**
 * Show a point in an element that has a place for each.
 *
 * @param {HTMLElement} element
 * @param {Content} content
 */
export function fill(element, { src, name, detail }) {
  const image = find(element, ".tile img", HTMLImageElement);
  if (image.getAttribute("src") !== src) {
    image.classList.remove("loaded");
    image.onload = () => image.classList.add("loaded");
    image.src = src;
  }
  find(element, ".name", HTMLElement).textContent = name;
  find(element, ".detail", HTMLElement).textContent = detail;
}
