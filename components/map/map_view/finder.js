/**
 * A box that finds points by words while they are typed: a list of pictures and names below it, one
 * of which is chosen. Where nothing is found, it lists similar words, and a link to the sketch pad.
 */

import { isPlain } from "../../widgets/links.js";
import { copyOf, find } from "../../widgets/mount.js";
import { Options } from "../../widgets/options.js";
import { fill } from "./content.js";

/** @import { Content } from "./content.js" */

/** @typedef {Content & { point: number }} Match */

/**
 * What was found: the points, the best first; or else words to search for instead, the nearest
 * first, and where to draw what is sought.
 *
 * @typedef {{ text: string, matches: Match[], words: string[], drawingUrl: string }} Found
 */

/**
 * What the box asks for.
 *
 * @typedef {object} FinderActions
 * @property {(text: string) => void} find points; the answer goes to `show`
 * @property {(point: number) => void} goTo
 * @property {(href: string) => void} leaveFor another page
 */

const PAUSE = 150; // ms without typing before the text is sent

export class Finder {
  /**
   * @param {HTMLElement} element
   * @param {FinderActions} actions
   */
  constructor(element, actions) {
    this.element = element;
    this.actions = actions;
    this.input = find(element, "input", HTMLInputElement);
    this.options = new Options(this.input, find(element, "[role=listbox]", HTMLElement));
    this.status = find(element, "[role=status]", HTMLElement);
    this.template = find(element, "template", HTMLTemplateElement);
    /** @type {Found} */
    this.found = { text: "", matches: [], words: [], drawingUrl: "" };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input.oninput = () => this.#onInput();
    this.input.onkeydown = (event) => this.#onKeyDown(event);
    this.input.onfocus = () => this.#open();
    element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !element.contains(relatedTarget)) this.close();
    });
  }

  /** The text as it is searched for. */
  get text() {
    return this.input.value.trim();
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** Hide the list, and search for nothing more. */
  close() {
    clearTimeout(this.timer);
    this.options.hide();
    this.status.textContent = "";
  }

  /**
   * Show what was found, unless the text has changed since.
   *
   * @param {Found} found
   */
  show(found) {
    if (found.text === this.found.text) return;
    this.found = found;
    this.options.put(found.matches.length ? this.#matches(found) : this.#others(found));
    this.#open();
  }

  #open() {
    const { text, matches, words } = this.found;
    if (this.text === "" || this.text !== text || !this.element.matches(":focus-within")) return;
    this.options.show();
    const count = matches.length;
    const sentences = [`No models match “${text}”.`, ...(words.length ? ["Similar words:"] : [])];
    this.status.textContent = count
      ? `${count} ${count === 1 ? "model" : "models"} found`
      : sentences.join(" ");
    this.status.classList.toggle("unseen", count > 0);
  }

  /** @param {Found} found */
  #matches({ matches }) {
    return matches.map((match) => {
      const option = copyOf(this.template);
      fill(option, match);
      option.onclick = () => {
        this.close();
        this.actions.goTo(match.point);
      };
      return option;
    });
  }

  /**
   * What there is to choose where nothing is found.
   *
   * @param {Found} found
   */
  #others({ words, drawingUrl }) {
    const drawing = /** @type {HTMLAnchorElement} */ (this.#other("Draw it"));
    drawing.href = drawingUrl;
    drawing.onclick = (event) => {
      if (!isPlain(event)) return;
      event.preventDefault();
      this.close();
      this.actions.leaveFor(drawingUrl);
    };
    return [...words.map((word) => this.#word(word)), drawing];
  }

  /** @param {string} word */
  #word(word) {
    const option = this.#other(word);
    option.onclick = () => {
      this.input.value = word;
      this.close();
      this.#ask();
    };
    return option;
  }

  /** @param {string} name */
  #other(name) {
    const option = copyOf(this.template);
    find(option, ".tile", HTMLElement).remove();
    find(option, ".name", HTMLElement).textContent = name;
    return option;
  }

  #onInput() {
    this.close();
    this.#open();
    this.timer = setTimeout(() => this.#ask(), PAUSE);
  }

  #ask() {
    if (this.text && this.text !== this.found.text) this.actions.find(this.text);
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    // Streamlit takes "r" and "c" for its shortcuts: it cannot see into the shadow root.
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "ArrowDown") this.#step(1);
    else if (event.key === "ArrowUp") this.#step(-1);
    else if (event.key === "Enter") this.#enter();
    else if (event.key === "Escape") this.#escape();
    else return;
    event.preventDefault();
  }

  /** @param {number} by */
  #step(by) {
    if (this.options.areShown) this.options.step(by);
  }

  /** Choose the option that the arrow keys are on, or the best match. */
  #enter() {
    const { chosen, list, areShown } = this.options;
    const option = chosen ?? (this.found.matches.length ? list.firstElementChild : null);
    if (!areShown) this.#ask();
    else if (option instanceof HTMLElement) option.click();
  }

  #escape() {
    if (!this.options.areShown) this.input.value = "";
    this.close();
  }
}
