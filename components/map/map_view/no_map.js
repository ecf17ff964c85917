/** What is in place of the map where the browser draws none. */

import { find } from "../../widgets/mount.js";

export class NoMap {
  /** @param {ParentNode} root */
  constructor(root) {
    const message = find(root, ".message", HTMLElement);
    message.textContent =
      "This browser does not let pages draw, which the map needs. Explore shows the same models.";
    message.hidden = false;
    for (const part of root.querySelectorAll(".tools, .finder")) part.remove();
  }

  update() {}
}
