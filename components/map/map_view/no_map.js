/** What is in place of the map where the browser draws none. */

import { find } from "../../widgets/mount.js";

export class NoMap {
  /** @param {ParentNode} root */
  constructor(root) {
    const message = find(root, ".message", HTMLElement);
    message.textContent =
      "The map cannot be shown because this browser blocks canvas drawing. Explore shows the same models.";
    message.hidden = false;
    for (const part of root.querySelectorAll(".tools, .finder")) part.remove();
  }

  update() {}
}
