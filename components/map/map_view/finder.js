/**
 * A box that finds points by words while they are typed: a list of pictures and names below it, one
 * of which is chosen (the pattern "combobox" of the ARIA Authoring Practices Guide).
 */

import { copyOf, find } from "../../widgets/mount.js";
import { fill } from "./content.js";

/** @import { Content } from "./content.js" */

/** @typedef {Content & { point: number }} Match */

/**
 * What the box asks for.
 *
 * @typedef {object} FinderActions
 * @property {(text: string) => void} find points; the answer goes to `show`
 * @property {(point: number) => void} goTo
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
    this.list = find(element, "ul", HTMLElement);
    this.status = find(element, ".status", HTMLElement);
    this.template = find(element, "template", HTMLTemplateElement);
    /** @type {Match[]} */
    this.matches = [];
    /** The text of the matches. */
    this.answered = "";
    /** The match that the arrow keys are on, or -1. */
    this.current = -1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input.oninput = () => this.#onInput();
    this.input.onkeydown = (event) => this.#onKeyDown(event);
    this.input.onfocus = () => this.#open();
    // A press on a match is noticed before the list is closed.
    this.input.onblur = () => this.close();
    this.list.onmousedown = (event) => event.preventDefault();
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
    this.current = -1;
    this.list.hidden = true;
    this.status.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /**
   * Show what was found, unless the text has changed since.
   *
   * @param {string} text
   * @param {Match[]} matches the best first
   */
  show(text, matches) {
    if (text === this.answered) return;
    this.answered = text;
    this.matches = matches;
    this.list.replaceChildren(...matches.map((match, number) => this.#option(match, number)));
    this.status.textContent = matches.length
      ? `${matches.length} ${matches.length === 1 ? "model" : "models"} found`
      : `No models match “${text}”`;
    this.#open();
  }

  #open() {
    const isAnswered = this.text !== "" && this.text === this.answered;
    if (!isAnswered || !this.element.matches(":focus-within")) return;
    this.list.hidden = this.matches.length === 0;
    this.status.hidden = false;
    this.status.classList.toggle("unseen", this.matches.length > 0);
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
  }

  /**
   * @param {Match} match
   * @param {number} number
   */
  #option(match, number) {
    const option = copyOf(this.template);
    option.id = `match-${number}`;
    fill(option, match);
    option.onclick = () => this.#choose(match.point);
    return option;
  }

  /** @param {number} point */
  #choose(point) {
    this.close();
    this.actions.goTo(point);
  }

  #onInput() {
    this.close();
    this.#open();
    this.timer = setTimeout(() => this.#ask(), PAUSE);
  }

  #ask() {
    if (this.text && this.text !== this.answered) this.actions.find(this.text);
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
    if (this.list.hidden) return;
    const count = this.matches.length;
    this.current = (Math.max(this.current, by > 0 ? -1 : 0) + by + count) % count;
    [...this.list.children].forEach((option, number) =>
      option.setAttribute("aria-selected", String(number === this.current)),
    );
    this.list.children[this.current].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `match-${this.current}`);
  }

  #enter() {
    if (this.list.hidden) return this.#ask();
    this.#choose(this.matches[Math.max(this.current, 0)].point);
  }

  #escape() {
    if (this.list.hidden) this.input.value = "";
    this.close();
  }
}
