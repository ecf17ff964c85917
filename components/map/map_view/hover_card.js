/** The card beside the pointer: the picture and the name of a point. */

import { find } from "../../widgets/mount.js";
import { clamp } from "./geometry.js";

const GAP = 16; // px between the pointer and the card
const EDGE = 8; // px at least between the card and the edge of the window

export class HoverCard {
  /** @param {HTMLElement} element a popover */
  constructor(element) {
    this.element = element;
    this.image = find(element, "img", HTMLImageElement);
    this.name = find(element, ".name", HTMLElement);
    this.detail = find(element, ".detail", HTMLElement);
    this.image.onload = () => this.image.classList.add("loaded");
  }

  get isOpen() {
    return this.element.matches(":popover-open");
  }

  /**
   * Show the card beside a point of the window.
   *
   * @param {{ src: string, name: string, detail: string }} content
   * @param {number} left
   * @param {number} top
   */
  show({ src, name, detail }, left, top) {
    if (this.image.getAttribute("src") !== src) {
      this.image.classList.remove("loaded");
      this.image.src = src;
    }
    this.name.textContent = name;
    this.detail.textContent = detail;
    this.element.showPopover();
    const { width, height } = this.element.getBoundingClientRect();
    const fits = left + GAP + width < window.innerWidth;
    const x = clamp(fits ? left + GAP : left - GAP - width, EDGE, window.innerWidth - width - EDGE);
    const y = clamp(top - GAP - height, EDGE, window.innerHeight - height - EDGE);
    this.element.style.left = `${x}px`;
    this.element.style.top = `${y}px`;
  }

  hide() {
    if (this.isOpen) this.element.hidePopover();
  }
}
