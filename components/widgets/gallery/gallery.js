/** A grid or strip of pictures to pick from or act on. */

import { announceFollowed, goTo, isPlain } from "../links.js";
import { component, copyOf, find } from "../mount.js";
import { loadWhenNear, sourceOf } from "../near.js";
import { Arrows } from "./arrows.js";

/**
 * A part of a picture, in shares of its width and height.
 *
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Box
 */

/**
 * @typedef {object} Card
 * @property {string} id
 * @property {string} src
 * @property {string} href what a click opens, or "" if the card is no link
 * @property {string} name
 * @property {string} note
 * @property {string} detail
 * @property {number | null} bar how much of it is filled, 0 to 1, or null for no bar
 * @property {Box | null} box outlined on the picture
 * @property {string} label for screen readers
 * @property {string} description what they say after it, or ""
 */

/** @typedef {{ name: string, label: string, sign: keyof typeof SIGNS, key: string }} Action */

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

// The icons of the actions, drawn in a circle of 24 x 24.
const SIGNS = {
  plus: "M12 7v10 M7 12h10",
  minus: "M7 12h10",
  why: "M9.2 9.6a2.8 2.8 0 1 1 4.2 2.4c-.9.5-1.4 1-1.4 2 M12 17v.01",
};

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

    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("keydown", (event) => this.onKeyDown(event));
    list.addEventListener("focusin", (event) => this.onFocusIn(event));
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

    const active = this.activeElement;
    const focused = this.list.contains(active) ? active : null;
    this.place(data.cards, data.actions);
    const picks = this.picks();
    for (const pick of picks) {
      mark(pick, "aria-current", this.ids.get(pick) === data.selected);
    }

    if (this.awaited !== null && data.answered === this.awaited) {
      this.awaited = null;
      this.markBusy(null);
    }

    this.restoreFocus(focused, picks);
    // Not in a grid: it would be laid out at once.
    if (data.layout === "strip") this.arrows.show();
  }

  get activeElement() {
    return /** @type {Document | ShadowRoot} */ (this.list.getRootNode()).activeElement;
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
      const item = this.items.get(card.id) ?? this.createItem();
      this.fill(item, card);
      this.fillActions(item, card, actions);
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

  createItem() {
    const item = copyOf(this.cardTemplate);
    const image = find(item, "img", HTMLImageElement);
    image.addEventListener("error", () => {
      item.classList.remove("loading");
      item.classList.add("broken");
    });
    // The box is placed on the picture itself, whose proportions are known only now.
    image.addEventListener("load", () => {
      item.classList.remove("loading");
      item.style.setProperty("--ratio", String(image.naturalWidth / image.naturalHeight));
      showPart(image);
    });
    return item;
  }

  /**
   * @param {HTMLElement} item
   * @param {Card} card
   */
  fill(item, card) {
    const pick = find(item, ".pick", HTMLAnchorElement);
    this.ids.set(pick, card.id);
    mark(pick, "href", card.href || false);
    mark(pick, "role", card.href ? false : "button");
    pick.setAttribute("aria-label", card.label);
    find(item, ".name", HTMLElement).textContent = card.name;
    find(item, ".note", HTMLElement).textContent = card.note;
    find(item, ".stand-in", HTMLElement).textContent = card.name;
    this.fillBar(item, card, pick);
    outline(find(item, ".box", HTMLElement), card.box);

    const image = find(item, "img", HTMLImageElement);
    if (sourceOf(image) !== card.src) {
      item.classList.remove("broken");
      // The picture before stays until the new one is there.
      item.classList.toggle("loading", image.naturalWidth === 0);
      loadWhenNear(image, card.src);
    }
  }

  /**
   * Fill the bar, and the tooltip of a card that has one; other cards have the browser's own.
   *
   * @param {HTMLElement} item
   * @param {Card} card
   * @param {HTMLAnchorElement} pick
   */
  fillBar(item, { bar, name, detail }, pick) {
    const hasBar = bar !== null;
    mark(pick, "title", hasBar ? false : detail ? `${name}\n${detail}` : name);
    find(item, ".full", HTMLElement).textContent = hasBar ? name : "";
    find(item, ".detail", HTMLElement).textContent = hasBar ? detail : "";
    item.classList.toggle("scored", hasBar);
    if (hasBar) item.style.setProperty("--filled", `${100 * bar}%`);
  }

  /**
   * Fill the buttons of the actions. They are beside the card's link, because a link cannot hold
   * buttons. A button keeps its node.
   *
   * @param {HTMLElement} item
   * @param {Card} card
   * @param {Action[]} actions
   */
  fillActions(item, card, actions) {
    const keys = actions.map((action) => `${action.key} ${action.label}`).join(", ");
    const pick = find(item, ".pick", HTMLAnchorElement);
    const description = [card.description, keys && `Keys: ${keys}`].filter(Boolean).join(". ");
    mark(pick, "aria-description", description !== "" && description);

    const bar = find(item, ".actions", HTMLElement);
    while (bar.childElementCount > actions.length) bar.lastElementChild?.remove();
    while (bar.childElementCount < actions.length) bar.append(copyOf(this.actionTemplate));
    actions.forEach((action, number) => {
      const button = /** @type {HTMLButtonElement} */ (bar.children[number]);
      button.value = action.name;
      button.dataset.key = action.key;
      button.title = `${action.label} (${action.key})`;
      button.setAttribute("aria-label", `${action.label}: ${card.name}`);
      button.setAttribute("aria-keyshortcuts", action.key === "+" ? "Plus" : action.key);
      find(button, "path", SVGPathElement).setAttribute("d", SIGNS[action.sign]);
    });
  }

  /** The links and buttons that pick the cards. */
  picks() {
    const found = this.list.querySelectorAll(".pick");
    return [.../** @type {NodeListOf<HTMLAnchorElement>} */ (found)];
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
    for (const each of this.list.querySelectorAll(".pick, button")) {
      mark(each, "aria-busy", each === pressed);
    }
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const pressed = elementOf(event.target)?.closest(".pick, button");
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
    const action = actionOf(event.target, event.key);
    if (action) {
      event.preventDefault();
      // A key held down acts once.
      if (!event.repeat) action.click();
      return;
    }
    // After the actions: on many keyboards "+" is typed with Shift.
    if (event.shiftKey) return;
    const neighbour = neighbourOf(event.target, event.key);
    if (event.key === "Escape" && !neighbour) {
      elementOf(event.target)?.closest("li")?.classList.add("dismissed");
      return;
    }
    if (neighbour) {
      event.preventDefault();
      neighbour.focus();
      return;
    }
    const picks = this.picks();
    const pick = picks.find((each) => each === event.target);
    // Of itself, Enter presses a link with an address only, and Space scrolls the page.
    if (pick && (event.key === " " || (event.key === "Enter" && !pick.href))) {
      event.preventDefault();
      if (!event.repeat) pick.click();
      return;
    }
    const from = picks.indexOf(/** @type {HTMLAnchorElement} */ (pickOf(event.target)));
    const to = destination(event.key, from, picks.length, columnCount(picks));
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    picks[to].focus();
  }

  /** @param {FocusEvent} event */
  onFocusIn({ target }) {
    // A tooltip that was dismissed comes back with the focus.
    for (const item of this.items.values()) item.classList.remove("dismissed");
    this.makeTabStop(pickOf(target), elementOf(target)?.closest("button"));
  }

  /**
   * Make one card, and one of its actions, the only ones that Tab reaches; the arrow keys move from
   * there.
   *
   * @param {Element | null | undefined} chosen
   * @param {Element | null} [action] of the card; by default its first
   */
  makeTabStop(chosen, action) {
    for (const pick of this.picks()) {
      pick.tabIndex = pick === chosen ? 0 : -1;
      actionsOf(pick).forEach((each, number) => {
        const isStop = pick === chosen && (action ? each === action : number === 0);
        each.tabIndex = isStop ? 0 : -1;
      });
    }
  }

  /**
   * @param {Element | null} focused
   * @param {HTMLAnchorElement[]} picks
   */
  restoreFocus(focused, picks) {
    if (focused === null) {
      const tabStop = picks.find((pick) => pick.tabIndex === 0);
      const current = picks.find((pick) => pick.getAttribute("aria-current") === "true");
      this.makeTabStop(tabStop ?? current ?? picks[0]);
      return;
    }
    // The focused card may have been moved, which blurs it, or removed: then the focus goes to the
    // first card.
    const target = this.list.contains(focused) ? /** @type {HTMLElement} */ (focused) : picks[0];
    if (target && this.activeElement !== target) {
      target.focus({ preventScroll: !this.byKeyboard });
    }
  }
}

/** @param {EventTarget | null} target */
function elementOf(target) {
  return target instanceof Element ? target : null;
}

/**
 * The link or button that picks the card in which an event happened.
 *
 * @param {EventTarget | null} target
 */
function pickOf(target) {
  const pick = elementOf(target)?.closest("li")?.querySelector(".pick");
  return pick instanceof HTMLElement ? pick : undefined;
}

/**
 * The buttons of the actions of the card in which an event happened.
 *
 * @param {EventTarget | null} target
 */
function actionsOf(target) {
  return [...(elementOf(target)?.closest("li")?.querySelectorAll("button") ?? [])];
}

/**
 * The button of the action with this key, on the card in which an event happened.
 *
 * @param {EventTarget | null} target
 * @param {string} key
 */
function actionOf(target, key) {
  return actionsOf(target).find((button) => button.dataset.key === key);
}

/**
 * What a key moves to from an action of a card: the action beside it, or the card itself before the
 * first. After the last come the other cards.
 *
 * @param {EventTarget | null} target
 * @param {string} key
 */
function neighbourOf(target, key) {
  const actions = actionsOf(target);
  const from = actions.findIndex((each) => each === target);
  if (from < 0) return undefined;
  if (key === "ArrowRight") return actions[from + 1];
  if (key === "Escape" || (key === "ArrowLeft" && from === 0)) return pickOf(target);
  return key === "ArrowLeft" ? actions[from - 1] : undefined;
}

/**
 * Draw a box around a part of the picture; null is no box.
 *
 * @param {HTMLElement} element
 * @param {Box | null} box
 */
function outline(element, box) {
  element.hidden = box === null;
  if (box === null) return;
  const { left, top, right, bottom } = box;
  const insets = [top, 1 - right, 1 - bottom, left];
  element.style.inset = insets.map((share) => `${100 * share}%`).join(" ");
}

/**
 * Show one of the squares that are side by side in a file, if the URL says which.
 *
 * @param {HTMLImageElement} image
 */
function showPart({ src, style }) {
  const [, number, count] = /#(\d+)\/(\d+)$/.exec(src) ?? [];
  style.objectFit = count ? "cover" : "";
  style.objectPosition = count ? `${(100 * Number(number)) / Math.max(1, Number(count) - 1)}%` : "";
}

/**
 * The index of the card that a key moves to, or undefined if it moves to none.
 *
 * @param {string} key
 * @param {number} from
 * @param {number} count
 * @param {number} columns
 */
function destination(key, from, count, columns) {
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
 * @param {Element[]} picks
 */
function columnCount(picks) {
  const tops = picks.map((pick) => pick.getBoundingClientRect().top);
  const second = tops.findIndex((top) => top > tops[0]);
  return second < 0 ? picks.length : second;
}

/**
 * Set an attribute to a text, or to "true"; false removes it.
 *
 * @param {Element} element
 * @param {string} attribute
 * @param {string | boolean} value
 */
function mark(element, attribute, value) {
  if (value === false) {
    element.removeAttribute(attribute);
  } else {
    element.setAttribute(attribute, String(value));
  }
}
