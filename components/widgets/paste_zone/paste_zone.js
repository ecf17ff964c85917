/** Takes a picture that is pasted or dropped anywhere on the page, or chosen. */

import { component, find } from "../mount.js";
import { PictureIntake } from "./picture_intake.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {number | null} answered the number of the picture that Python has answered
 * @property {string} problem what was wrong with it, or ""
 * @property {number} max_bytes the size of the largest file that can be sent
 * @property {boolean} large whether the zone is what the page is about
 */

/** @typedef {import("./picture_intake.js").Picture} Picture */

const PATIENCE = 3000; // ms that a page may take until it is shown

export default component(
  ".zone",
  "given",
  /** @type {(element: HTMLElement, data: Data) => PasteZone} */
  (element) => new PasteZone(element),
);

class PasteZone {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.message = find(element, "[role=status]", HTMLElement);
    this.isLarge = false;
    /** @type {(picture: Picture) => void} */
    this.send = () => {};
    this.intake = new PictureIntake(document, {
      show: (state, text) => this.show(state, text),
      send: (picture) => this.send(picture),
      missPicture: () => this.show("", "There is no picture on the clipboard."),
    });

    if (/Mac|iPhone|iPad/.test(navigator.platform)) {
      find(element, "kbd", HTMLElement).textContent = "⌘V";
    }
    const input = find(element, "input", HTMLInputElement);
    this.button = find(element, "button", HTMLButtonElement);
    this.button.onclick = () => input.click();
    input.onchange = () => {
      const file = input.files?.[0];
      input.value = ""; // otherwise choosing the same file again is no change
      if (file) this.intake.submit(file);
    };
  }

  /**
   * Take the focus from the page or its heading, once the page is shown.
   *
   * @param {number} deadline
   */
  takeFocus(deadline) {
    const { body, activeElement } = document;
    const isFree = activeElement === body || activeElement?.matches("h1");
    if (!isFree || !this.button.isConnected || performance.now() > deadline) return;
    this.button.focus();
    requestAnimationFrame(() => this.takeFocus(deadline));
  }

  close() {
    this.intake.close();
  }

  /**
   * @param {Data} data
   * @param {(picture: Picture) => void} send
   */
  update(data, send) {
    this.send = send;
    this.intake.maxBytes = data.max_bytes;
    this.intake.answer(data.answered, data.problem);
    if (data.large && !this.isLarge) this.takeFocus(performance.now() + PATIENCE);
    this.isLarge = data.large;
    this.element.classList.toggle("large", data.large);
  }

  /**
   * @param {"" | "over" | "busy"} state
   * @param {string} text
   */
  show(state, text) {
    this.element.dataset.state = state;
    this.message.textContent = text;
  }
}
