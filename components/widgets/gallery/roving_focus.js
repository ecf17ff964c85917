/**
 * The keys of a gallery: Tab reaches one card and one of its actions, and the arrow keys move from
 * there (a "roving tabindex" of the ARIA Authoring Practices Guide).
 */

import { actionsOf, elementOf, openSheetOf, pickOf } from "./card.js";

// In a sheet the actions are one below the other.
/** @type {Record<string, string | undefined>} */
const IN_SHEET = { ArrowUp: "ArrowLeft", ArrowDown: "ArrowRight" };

export class RovingFocus {
  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    list.addEventListener("focusin", ({ target }) =>
      this.#makeTabStop(pickOf(target), elementOf(target)?.closest(".actions button")),
    );
  }

  /** The links and buttons that pick the cards. */
  get picks() {
    const found = this.list.querySelectorAll(".pick");
    return [.../** @type {NodeListOf<HTMLAnchorElement>} */ (found)];
  }

  /** The element of the list that has the focus. */
  get focused() {
    const { activeElement } = /** @type {Document | ShadowRoot} */ (this.list.getRootNode());
    return this.list.contains(activeElement) ? activeElement : null;
  }

  /**
   * Move the focus by a key; return whether there is something to move it to.
   *
   * @param {EventTarget | null} target what has the focus
   * @param {string} key
   */
  move(target, key) {
    const to = this.#actionAfter(target, key) ?? this.#pickAfter(target, key);
    to?.focus();
    return to !== undefined;
  }

  /**
   * What a key moves to from an action of a card: another action, or the card itself.
   *
   * @param {EventTarget | null} target
   * @param {string} key
   */
  #actionAfter(target, key) {
    const actions = actionsOf(target);
    const from = actions.findIndex((each) => each === target);
    const towards = (openSheetOf(target) && IN_SHEET[key]) ?? key;
    const to = from < 0 ? undefined : actionAfter(towards, from, actions.length);
    if (to === undefined) return undefined;
    return to < 0 ? pickOf(target) : actions[to];
  }

  /**
   * @param {EventTarget | null} target
   * @param {string} key
   */
  #pickAfter(target, key) {
    const { picks } = this;
    const from = picks.findIndex((each) => each === pickOf(target));
    if (from < 0) return undefined;
    const tops = picks.map((pick) => pick.getBoundingClientRect().top);
    const to = cardAfter(key, from, picks.length, columnCount(tops));
    return to === undefined ? undefined : picks[to];
  }

  /**
   * Give the focus back to what had it before the cards changed.
   *
   * @param {Element | null} focused
   * @param {boolean} byKeyboard
   */
  restore(focused, byKeyboard) {
    const { picks } = this;
    if (focused === null) {
      const tabStop = picks.find((pick) => pick.tabIndex === 0);
      const current = picks.find((pick) => pick.getAttribute("aria-current") === "true");
      this.#makeTabStop(tabStop ?? current ?? picks[0]);
      return;
    }
    // The focused card may have been moved, which blurs it, or removed: then the focus goes to the
    // first card.
    const target = this.list.contains(focused) ? /** @type {HTMLElement} */ (focused) : picks[0];
    if (target && this.focused !== target) target.focus({ preventScroll: !byKeyboard });
  }

  /**
   * Make one card, and one of its actions, the only ones that Tab reaches.
   *
   * @param {Element | null | undefined} chosen
   * @param {Element | null} [action] of the card; by default its first
   */
  #makeTabStop(chosen, action) {
    for (const pick of this.picks) {
      pick.tabIndex = pick === chosen ? 0 : -1;
      const open = pick.parentElement?.querySelector(".open-actions");
      if (open instanceof HTMLElement) open.tabIndex = pick.tabIndex;
      actionsOf(pick).forEach((each, number) => {
        const isStop = pick === chosen && (action ? each === action : number === 0);
        each.tabIndex = isStop ? 0 : -1;
      });
    }
  }
}

/**
 * The number of the action that a key moves to from one of a card, -1 for the card itself, or
 * undefined if it moves to none. After the last action come the other cards.
 *
 * @param {string} key
 * @param {number} from
 * @param {number} count
 */
export function actionAfter(key, from, count) {
  if (key === "Escape") return -1;
  if (key === "ArrowLeft") return from - 1;
  return key === "ArrowRight" && from < count - 1 ? from + 1 : undefined;
}

/**
 * The index of the card that a key moves to, or undefined if it moves to none.
 *
 * @param {string} key
 * @param {number} from
 * @param {number} count
 * @param {number} columns
 */
export function cardAfter(key, from, count, columns) {
  const last = count - 1;
  switch (key) {
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowLeft":
      return from > 0 ? from - 1 : undefined;
    case "ArrowRight":
      return from < last ? from + 1 : undefined;
    case "ArrowUp":
      return from >= columns ? from - columns : undefined;
    case "ArrowDown": {
      // Above a gap in the last row, Down goes to the last card.
      const inLastRow = Math.floor(from / columns) === Math.floor(last / columns);
      return inLastRow ? undefined : Math.min(from + columns, last);
    }
    default:
      return undefined;
  }
}

/**
 * How many cards the browser has put in the first row.
 *
 * @param {number[]} tops of all cards
 */
export function columnCount(tops) {
  const second = tops.findIndex((top) => top > tops[0]);
  return second < 0 ? tops.length : second;
}
