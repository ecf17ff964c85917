/**
 * A search box for words and pictures. While a person types, it lists links that match: pictures and
 * names, one of which is chosen.
 */

import { markBrokenPictures } from "../broken_pictures.js";
import { isField } from "../fields.js";
import { goTo, isPlain } from "../links.js";
import { component, copyOf, find } from "../mount.js";
import { Options } from "../options.js";
import { PictureIntake } from "../paste_zone/picture_intake.js";
import { Questions } from "./questions.js";
import { textIn, withText, withoutText } from "./result_url.js";

/** @typedef {{ href: string, src: string, name: string, detail: string }} Suggestion */

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} label
 * @property {string} placeholder
 * @property {number} max_length of the text
 * @property {number} max_bytes of a picture
 * @property {import("./result_url.js").ResultPage} page that shows all that matches
 * @property {string} drawing_url
 * @property {string} run what tells the run of the whole page from others
 * @property {number | null} answered the number of the text that Python has answered
 * @property {Suggestion[]} suggestions for that text
 * @property {number | null} given the number of the picture that Python has answered
 * @property {string} problem what was wrong with it, or ""
 * @property {string} picture_url what it leads to
 */

/** @typedef {{ text: string, number: number } | import("../paste_zone/picture_intake.js").Picture} Message */

export default component(
  ".box",
  "sent",
  /** @type {(element: HTMLElement, data: Data) => SearchBox} */
  (element) => new SearchBox(element),
);

class SearchBox {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.input = find(element, "input", HTMLInputElement);
    this.drawing = find(element, ".draw", HTMLAnchorElement);
    const list = find(element, "[role=listbox]", HTMLElement);
    this.options = new Options(this.input, list);
    this.status = find(element, "[role=status]", HTMLElement);
    this.template = find(element, "template", HTMLTemplateElement);
    /** @type {import("./result_url.js").ResultPage} */
    this.page = { url: window.location.href, parameter: "", resets: [] };
    /** The text that the URL held when it was last looked at. */
    this.known = "";
    /** The text that the suggestions are for. */
    this.answered = "";
    /** Whether the person wants no suggestions for the text in the field. */
    this.isDismissed = false;
    /** @type {(message: Message) => void} */
    this.send = () => {};
    this.questions = new Questions((text, number) => this.send({ text, number }));
    this.intake = new PictureIntake(window, {
      show: (state, text) => this.say(state, state === "over" ? "Drop the picture anywhere" : text),
      send: (picture) => this.send(picture),
      accepts: () => !isBehindDialog(),
    });

    markBrokenPictures(list);
    this.input.oninput = (event) => this.onInput(/** @type {InputEvent} */ (event));
    this.input.onkeydown = (event) => this.onKeyDown(event);
    this.input.onfocus = () => this.open();
    find(element, "button", HTMLButtonElement).onclick = () => this.clear();
    element.onclick = (event) => this.onClick(event);

    this.closing = new AbortController();
    const { signal } = this.closing;
    this.input.addEventListener("compositionend", () => this.changed(), { signal });
    element.addEventListener("focusout", (event) => this.onFocusOut(event), { signal });
    document.addEventListener("keydown", (event) => this.onPageKeyDown(event), { signal });
    document.addEventListener("pointerdown", (event) => this.onPagePointerDown(event), { signal });
    window.addEventListener("popstate", () => this.onPopState(), { signal, capture: true });
    // Python writes URLs too.
    window.navigation?.addEventListener("currententrychange", () => this.follow(), { signal });
  }

  close() {
    this.closing.abort();
    this.questions.stop();
    this.intake.close();
  }

  /** The text as it is searched for. */
  get text() {
    return this.input.value.trim();
  }

  /**
   * @param {Data} data
   * @param {(message: Message) => void} send
   */
  update(data, send) {
    this.send = send;
    this.page = { ...data.page, url: new URL(data.page.url, document.baseURI).href };
    this.drawing.href = data.drawing_url;
    this.intake.maxBytes = data.max_bytes;
    this.input.setAttribute("aria-label", data.label);
    this.input.placeholder = data.placeholder;
    this.input.maxLength = data.max_length;
    this.follow();

    const { asked } = this.questions;
    if (this.questions.answer(data.answered)) this.answer(asked, data.suggestions);
    // What matches may be another now: the catalogue may have changed.
    if (this.questions.start(data.run)) this.answered = "";
    const isTaken = this.intake.answer(data.given, data.problem) && !data.problem;
    if (isTaken) this.leaveFor(data.picture_url);
  }

  /** Show the text that the URL holds if it is another: by a link, Back, or what Python wrote. */
  follow() {
    const text = textIn(this.page, window.location.href);
    if (text === this.known) return;
    this.known = text;
    if (text !== this.text) this.show(text);
  }

  onPopState() {
    this.questions.leave();
    this.follow();
  }

  /**
   * Show a text that nobody has typed.
   *
   * @param {string} text
   */
  show(text) {
    this.input.value = text;
    this.dismiss();
  }

  /**
   * Go to another page of the app, or to another state of this one.
   *
   * @param {string} href
   */
  leaveFor(href) {
    this.dismiss();
    goTo(href);
    this.show(textIn(this.page, window.location.href));
  }

  /** @param {InputEvent} event */
  onInput(event) {
    // Characters that are still being composed are no text yet.
    if (!event.isComposing) this.changed();
  }

  changed() {
    this.hide();
    this.ask();
  }

  /** Suggest something for the text in the field, at once if its suggestions are there already. */
  ask() {
    this.isDismissed = false;
    this.questions.put(this.text);
    this.open();
  }

  /**
   * @param {string} text
   * @param {Suggestion[]} suggestions the best first
   */
  answer(text, suggestions) {
    this.answered = text;
    const all = { href: withText(this.page, text), name: `Show all matches for “${text}”` };
    const draw = { href: this.drawing.href, name: "Draw it" };
    const links = suggestions.length ? [...suggestions, all] : [draw];
    this.options.put(links.map((link) => this.option(link)));
    this.hide();
    this.open();
  }

  /** @param {Partial<Suggestion> & { href: string, name: string }} link */
  option({ href, src, name, detail }) {
    const option = /** @type {HTMLAnchorElement} */ (copyOf(this.template));
    option.href = href;
    find(option, ".name", HTMLElement).textContent = name;
    if (src) find(option, "img", HTMLImageElement).src = src;
    else find(option, ".tile", HTMLElement).remove();
    if (detail) find(option, ".detail", HTMLElement).textContent = detail;
    else find(option, ".detail", HTMLElement).remove();
    return option;
  }

  /** Show the suggestions, if they are those for the text in the field. */
  open() {
    if (this.isDismissed || !this.text || this.text !== this.answered) return;
    if (!this.element.matches(":focus-within")) return;
    // The last option leads to all that match, or to the sketch pad.
    const count = this.options.list.childElementCount - 1;
    this.options.show();
    const found = `${count} ${count === 1 ? "model" : "models"} suggested`;
    this.say("", count ? found : `No models match “${this.text}”`);
    this.status.classList.toggle("unseen", count > 0);
  }

  hide() {
    this.options.hide();
    // A picture may be on its way.
    if (this.element.dataset.state !== "busy") this.say("", "");
  }

  /** Suggest nothing until the text changes. */
  dismiss() {
    this.isDismissed = true;
    this.questions.put("");
    this.hide();
  }

  /**
   * @param {"" | "over" | "busy"} state
   * @param {string} text
   */
  say(state, text) {
    this.element.dataset.state = state;
    this.status.textContent = text;
    this.status.classList.remove("unseen");
  }

  /** Take the text away, also from the URL. */
  clear() {
    this.input.value = "";
    if (this.known) this.leaveFor(withoutText(this.page, window.location.href));
    else this.changed();
    this.input.focus();
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    // Streamlit takes "r" and "c" for its shortcuts: it cannot see into the shadow root, where they
    // are typed into a field.
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "ArrowDown") this.step(1);
    else if (event.key === "ArrowUp") this.step(-1);
    else if (event.key === "Enter") this.enter();
    else if (event.key === "Escape") this.escape();
    else return;
    event.preventDefault();
  }

  /** @param {number} by */
  step(by) {
    if (!this.options.areShown) this.ask();
    if (this.options.areShown) this.options.step(by);
  }

  enter() {
    const { chosen } = this.options;
    // The keyboard of a phone covers what was found.
    if (window.matchMedia("(hover: none) and (pointer: coarse)").matches) this.input.blur();
    if (chosen instanceof HTMLAnchorElement) this.leaveFor(chosen.href);
    else if (this.text) this.leaveFor(withText(this.page, this.text));
    else if (this.known) this.clear();
  }

  escape() {
    if (!this.options.areShown && !this.status.textContent) this.clear();
    else this.dismiss();
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = /** @type {Element} */ (event.target);
    const link = target.closest("a");
    if (link && isPlain(event)) {
      event.preventDefault();
      this.leaveFor(link.href);
    } else if (!link && !target.closest("button")) {
      this.input.focus();
    }
  }

  /** @param {FocusEvent} event */
  onFocusOut({ relatedTarget }) {
    if (!(relatedTarget instanceof Node) || !this.element.contains(relatedTarget)) this.hide();
  }

  /** @param {PointerEvent} event */
  onPagePointerDown(event) {
    if (!event.composedPath().includes(this.element)) this.hide();
  }

  /** @param {KeyboardEvent} event */
  onPageKeyDown(event) {
    if (event.key !== "/" || event.defaultPrevented) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (isField(event.composedPath()[0]) || isBehindDialog()) return;
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }
}

function isBehindDialog() {
  return document.querySelector("[role=dialog]") !== null;
}
