/**
 * The card of the point that a finger has tapped: its picture, its name, and a link to its model.
 *
 * A finger has no place to rest on a point, as a mouse has, and hits the wrong one easily: it sees
 * the model before it goes there.
 */

import { isPlain } from "../../widgets/links.js";
import { find } from "../../widgets/mount.js";

export class TapCard {
  /**
   * @param {HTMLElement} element
   * @param {() => void} open the point whose card is shown
   * @param {() => void} close
   */
  constructor(element, open, close) {
    this.element = element;
    this.image = find(element, "img", HTMLImageElement);
    this.name = find(element, ".name", HTMLElement);
    this.detail = find(element, ".detail", HTMLElement);
    this.link = find(element, "a", HTMLAnchorElement);
    this.image.onload = () => this.image.classList.add("loaded");
    this.link.onclick = (event) => {
      // With Ctrl and the like, the browser opens the link elsewhere.
      if (!isPlain(event)) return;
      event.preventDefault();
      open();
    };
    find(element, "button", HTMLButtonElement).onclick = close;
  }

  /** @param {{ src: string, name: string, detail: string, href: string }} content */
  show({ src, name, detail, href }) {
    if (this.image.getAttribute("src") !== src) {
      this.image.classList.remove("loaded");
      this.image.src = src;
    }
    this.name.textContent = name;
    this.detail.textContent = detail;
    this.link.href = href;
    this.link.setAttribute("aria-label", `Open ${name}`);
    this.element.hidden = false;
  }

  hide() {
    this.element.hidden = true;
  }
}
