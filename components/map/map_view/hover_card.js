/** The card beside the pointer: the picture and the name of a point. */

import { fill } from "./content.js";
import { clamp } from "./geometry.js";

/** @import { Content } from "./content.js" */

const GAP = 16; // px between the pointer and the card
const DELAY = 100; // ms on a point before its card is shown
const EDGE = 8; // px at least between the card and the edge of the window

export class HoverCard {
  /** @param {HTMLElement} element a popover */
  constructor(element) {
    this.element = element;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  get isOpen() {
    return this.element.matches(":popover-open");
  }

  /**
   * Show the card once the pointer has stayed for a moment; at once if it is shown already.
   *
   * @param {Content} content
   * @param {number} left
   * @param {number} top
   */
  showSoon(content, left, top) {
    clearTimeout(this.timer);
    if (this.isOpen) this.show(content, left, top);
    else this.timer = setTimeout(() => this.show(content, left, top), DELAY);
  }

  /**
   * Show the card beside a point of the window.
   *
   * @param {Content} content
   * @param {number} left
   * @param {number} top
   */
  show(content, left, top) {
    clearTimeout(this.timer);
    fill(this.element, content);
    this.element.showPopover();
    const { width, height } = this.element.getBoundingClientRect();
    const fits = left + GAP + width < window.innerWidth;
    const x = clamp(fits ? left + GAP : left - GAP - width, EDGE, window.innerWidth - width - EDGE);
    const y = clamp(top - GAP - height, EDGE, window.innerHeight - height - EDGE);
    this.element.style.left = `${x}px`;
    this.element.style.top = `${y}px`;
  }

  hide() {
    clearTimeout(this.timer);
    if (this.isOpen) this.element.hidePopover();
  }
}
