/** A grid or strip of pictures to pick from or act on. */

import { announceFollowed, goTo, isPlain } from "../links.js";
import { component, find } from "../mount.js";
import { Arrows } from "./arrows.js";
import {
  actionsOf,
  createItem,
  elementOf,
  fillActions,
  fillItem,
  mark,
  openSheetOf,
  pickOf,
} from "./card.js";
import { RovingFocus } from "./roving_focus.js";

/** @import { Action, Card } from "./card.js" */

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {Card[]} cards
 * @property {Action[]} actions of every card
 * @property {string} label
 * @property {string | null} selected the id of the card to mark
 * @property {"grid" | "strip"} layout
 * @property {number} size the smallest side of a picture, in px
 * @property {boolean} picks whether Python is told of a picked card, and writes its URL
 * @property {number | null} answered the number of the press that Python has answered
 */

/** @typedef {{ id: string, action: string, number: number }} Press; `action` is "" for the card itself */

// Python answers a press by its number, so that the answer to an older press does not end the wait
// for the newest. The count is never reset, so that numbers stay unique when a gallery is mounted
// again.
let presses = 0;

export default component(
  ".gallery",
  "pressed",
  /** @type {(list: HTMLElement, data: Data, root: ParentNode) => Gallery} */
  (list, _data, root) => new Gallery(list, root),
);

class Gallery {
  /**
   * @param {HTMLElement} list
   * @param {ParentNode} root
   */
  constructor(list, root) {
    this.list = list;
    this.cardTemplate = find(root, "#card", HTMLTemplateElement);
    this.actionTemplate = find(root, "#action", HTMLTemplateElement);
    /** @type {Map<string, HTMLElement>} the items of the list, by the ids of their cards */
    this.items = new Map();
    /** @type {WeakMap<Element, string>} the id of each link or button that picks a card */
    this.ids = new WeakMap();
    this.picksInPython = false;
    /** @type {number | null} the press that Python has yet to answer */
    this.awaited = null;
    this.byKeyboard = false;
    /** @type {(press: Press) => void} */
    this.send = () => {};

    this.arrows = new Arrows(list, root);
    this.roving = new RovingFocus(list);

    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("keydown", (event) => this.onKeyDown(event));
    list.addEventListener("focusin", () => this.onFocusIn());
    // The event does not bubble.
    list.addEventListener("toggle", ({ target }) => this.onToggle(target), true);
  }

  /**
   * @param {Data} data
   * @param {(press: Press) => void} send
   */
  update(data, send) {
    this.send = send;
    this.picksInPython = data.picks;
    this.list.setAttribute("aria-label", data.label);
    this.list.dataset.layout = data.layout;
    this.list.style.setProperty("--size", `${data.size}px`);

    const { focused } = this.roving;
    this.place(data.cards, data.actions);
    for (const pick of this.roving.picks) {
      mark(pick, "aria-current", this.ids.get(pick) === data.selected);
    }

    if (this.awaited !== null && data.answered === this.awaited) {
      this.awaited = null;
      this.markBusy(null);
    }

    this.roving.restore(focused, this.byKeyboard);
    // Not in a grid: it would be laid out at once.
    if (data.layout === "strip") this.arrows.show();
  }

  /**
   * Bring the list's items in line with the cards; an item keeps its nodes.
   *
   * @param {Card[]} cards
   * @param {Action[]} actions
   */
  place(cards, actions) {
    /** @type {Map<string, HTMLElement>} */
    const items = new Map();
    for (const card of cards) {
      const item = this.items.get(card.id) ?? createItem(this.cardTemplate);
      fillItem(item, card);
      fillActions(item, card, actions, this.actionTemplate);
      this.ids.set(find(item, ".pick", HTMLAnchorElement), card.id);
      items.set(card.id, item);
    }

    for (const [id, item] of this.items) {
      if (!items.has(id)) item.remove();
    }
    // Only items out of place are moved: a moved element loses the focus.
    let next = this.list.firstElementChild;
    for (const item of items.values()) {
      if (item === next) {
        next = item.nextElementSibling;
      } else {
        this.list.insertBefore(item, next);
      }
    }
    this.items = items;
  }

  /**
   * The id of the card in which an event happened.
   *
   * @param {EventTarget | null} target
   */
  idOf(target) {
    const pick = pickOf(target);
    return pick ? this.ids.get(pick) : undefined;
  }

  /** @param {Element | null} pressed */
  markBusy(pressed) {
    for (const each of this.list.querySelectorAll(".pick, .actions button")) {
      mark(each, "aria-busy", each === pressed);
    }
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    // An action closes its sheet, and so does what lies beside it.
    openSheetOf(event.target)?.hidePopover();
    const pressed = elementOf(event.target)?.closest(".pick, .actions button");
    const id = this.idOf(event.target);
    if (!pressed || id === undefined) return;
    const href = pressed instanceof HTMLAnchorElement ? pressed.href : "";
    // With Ctrl and the like, the browser opens the link elsewhere.
    if (href && !isPlain(event)) return;
    event.preventDefault();
    if (pressed.getAttribute("aria-busy") === "true") return;
    this.markBusy(pressed);
    // Clicks by Enter, Space and the keys of the actions have no mouse button.
    this.byKeyboard = event.detail === 0;
    if (href && !this.picksInPython) {
      goTo(href);
      return;
    }
    if (href) announceFollowed();
    this.awaited = ++presses;
    const action = pressed instanceof HTMLButtonElement ? pressed.value : "";
    this.send({ id, action, number: this.awaited });
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    // Alt+Left is the browser's Back.
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    // The browser closes a sheet, and gives the focus back.
    if (event.key === "Escape" && openSheetOf(event.target)) return;
    const action = actionsOf(event.target).find((button) => button.dataset.key === event.key);
    if (action) {
      event.preventDefault();
      // A key held down acts once.
      if (!event.repeat) action.click();
      return;
    }
    // After the actions: on many keyboards "+" is typed with Shift.
    if (event.shiftKey) return;
    if (this.roving.move(event.target, event.key)) {
      event.preventDefault();
    } else if (event.key === "Escape") {
      elementOf(event.target)?.closest("li")?.classList.add("dismissed");
    } else if (event.target instanceof HTMLAnchorElement && pressesPick(event, event.target)) {
      event.preventDefault();
      if (!event.repeat) event.target.click();
    }
  }

  /**
   * Move the focus into a sheet of actions that has opened, and back from one that has closed: in a
   * shadow root, browsers lose it.
   *
   * @param {EventTarget | null} sheet
   */
  onToggle(sheet) {
    const isOpen = openSheetOf(sheet) !== null;
    const opening = elementOf(sheet)?.parentElement?.querySelector(".open-actions");
    const next = isOpen ? actionsOf(sheet)[0] : opening;
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }

  onFocusIn() {
    // A tooltip that was dismissed comes back with the focus.
    for (const item of this.items.values()) item.classList.remove("dismissed");
  }
}

/**
 * Whether a key presses what picks a card: of itself, Enter presses a link with a URL only, and
 * Space scrolls the page.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLAnchorElement} pick
 */
function pressesPick({ key }, pick) {
  return key === " " || (key === "Enter" && !pick.href);
}
