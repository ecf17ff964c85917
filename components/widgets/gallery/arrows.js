/**
 * The buttons at both ends of a strip, for mice that cannot scroll sideways.
 *
 * The keyboard goes from card to card, and needs none.
 */

import { find } from "../mount.js";

// How much of what is in sight a press moves away.
const SHARE = 0.8;

export class Arrows {
  /**
   * @param {HTMLElement} list
   * @param {ParentNode} root
   */
  constructor(list, root) {
    this.list = list;
    this.back = find(root, ".arrow.back", HTMLButtonElement);
    this.forward = find(root, ".arrow.forward", HTMLButtonElement);
    this.back.onclick = () => this.scroll(-SHARE);
    this.forward.onclick = () => this.scroll(SHARE);
    list.addEventListener("scroll", () => this.show(), { passive: true });
    // Also when it gets its first cards, and its height.
    new ResizeObserver(() => this.show()).observe(list);
  }

  /** Show the buttons at the ends behind which there is more. */
  show() {
    const { scrollLeft, scrollWidth, clientWidth, dataset } = this.list;
    const hidden = dataset.layout === "strip" ? scrollWidth - clientWidth : 0;
    this.back.hidden = scrollLeft < 1;
    this.forward.hidden = hidden - scrollLeft < 1;
  }

  /** @param {number} share of the width, to the right */
  scroll(share) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const left = share * this.list.clientWidth;
    this.list.scrollBy({ left, behavior: isCalm ? "auto" : "smooth" });
  }
}
