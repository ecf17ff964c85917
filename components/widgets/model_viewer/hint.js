/** How a model is turned: said once as long as the tab is open, until somebody turns one. */

import { MemoryStorage, tabStorage } from "../storage.js";

const KEY = "3D hint shown";
// ms for which it is shown at most, if things may come and go by themselves.
const MAX_SHOWN = 6000;

const storage = tabStorage() ?? new MemoryStorage();

export class Hint {
  /**
   * @param {HTMLElement} stage where a model is turned
   * @param {HTMLElement} element
   */
  constructor(stage, element) {
    this.element = element;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    for (const type of ["pointerdown", "wheel", "keydown"]) {
      stage.addEventListener(type, () => this.hide(), { passive: true });
    }
  }

  /** Show it, unless it was shown before. */
  show() {
    if (storage.getItem(KEY)) return;
    try {
      storage.setItem(KEY, "yes");
    } catch {
      // There is no room: it is shown again.
    }
    const isTouchScreen = matchMedia("(any-hover: none)").matches;
    this.element.textContent = isTouchScreen
      ? "Drag sideways to turn it, pinch to zoom"
      : "Drag to turn it, scroll to zoom";
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.timer = setTimeout(() => this.hide(), MAX_SHOWN);
  }

  hide() {
    clearTimeout(this.timer);
    this.element.textContent = "";
  }
}
