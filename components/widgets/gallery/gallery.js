/**
 * A grid or strip of pictures to pick from or act on.
 *
 * Streamlit calls the default export again whenever the data or the theme
 * changes, on the same DOM. What must outlive a call is kept per list.
 */

const galleries = new WeakMap();

// Python answers a press by its number, so that an answer to an older press
// does not end the wait for the newest. One count for the page's lifetime
// stays distinct when a gallery is mounted anew.
let presses = 0;

// What is drawn on the buttons of the actions, in a circle of 24 x 24.
const SIGNS = {
  plus: "M12 7v10 M7 12h10",
  minus: "M7 12h10",
  why: "M9.2 9.6a2.8 2.8 0 1 1 4.2 2.4c-.9.5-1.4 1-1.4 2 M12 17v.01",
};

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".gallery");
  if (!galleries.has(list)) {
    galleries.set(list, new Gallery(list, parentElement));
  }
  galleries.get(list).update(data, (press) => setTriggerValue("pressed", press));
}

class Gallery {
  constructor(list, root) {
    this.list = list;
    this.root = root;
    this.cardTemplate = root.querySelector("#card");
    this.actionTemplate = root.querySelector("#action");
    this.items = new Map();
    this.ids = new WeakMap();
    this.awaited = null;
    this.byKeyboard = false;

    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("keydown", (event) => this.onKeyDown(event));
    list.addEventListener("focusin", (event) => this.makeTabStop(pickOf(event.target)));
  }

  update(data, send) {
    this.send = send;
    this.list.setAttribute("aria-label", data.label);
    this.list.dataset.layout = data.layout;
    this.list.style.setProperty("--size", `${data.size}px`);

    const focused = this.list.contains(this.root.activeElement) ? this.root.activeElement : null;
    this.place(data.cards, data.actions);
    const picks = this.picks();
    for (const pick of picks) {
      mark(pick, "aria-current", this.ids.get(pick) === data.selected);
    }

    if (this.awaited !== null && data.heard === this.awaited) {
      this.awaited = null;
      this.markBusy(null);
    }

    this.restoreFocus(focused, picks);
    this.revealSelected(data, picks);
  }

  /** Bring the list's items in line with the cards; an item keeps its nodes. */
  place(cards, actions) {
    const items = new Map();
    const counts = new Map();
    for (const card of cards) {
      // A trail may show one model twice: the second needs nodes of its own.
      const count = counts.get(card.id) ?? 0;
      counts.set(card.id, count + 1);
      const slot = `${count} ${card.id}`;
      const item = this.items.get(slot) ?? this.createItem();
      this.fill(item, card);
      this.fillActions(item, card, actions);
      items.set(slot, item);
    }

    for (const [slot, item] of this.items) {
      if (!items.has(slot)) item.remove();
    }
    // Only items out of place are moved: a move takes the focus away.
    let next = this.list.firstElementChild;
    for (const item of items.values()) {
      if (item === next) {
        next = next.nextElementSibling;
      } else {
        this.list.insertBefore(item, next);
      }
    }
    this.items = items;
  }

  createItem() {
    const item = this.cardTemplate.content.firstElementChild.cloneNode(true);
    const image = item.querySelector("img");
    image.addEventListener("error", () => item.classList.add("broken"));
    // The box is laid on the picture itself, whose proportions are known only now.
    image.addEventListener("load", () => {
      item.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
    });
    return item;
  }

  fill(item, card) {
    const pick = pickOf(item);
    this.ids.set(pick, card.id);
    pick.setAttribute("aria-label", card.label);
    pick.title = card.detail ? `${card.name}\n${card.detail}` : card.name;
    item.querySelector(".name").textContent = card.name;
    item.querySelector(".note").textContent = card.note;
    item.querySelector(".stand-in").textContent = card.name;
    item.classList.toggle("faded", card.faded);
    outline(item.querySelector(".box"), card.box);

    const image = item.querySelector("img");
    if (image.getAttribute("src") !== card.src) {
      item.classList.remove("broken");
      image.src = card.src;
    }
  }

  /** Beside the card's own button, for buttons cannot be nested; a button keeps its node. */
  fillActions(item, card, actions) {
    const keys = actions.map((action) => `${action.key} ${action.label}`).join(", ");
    mark(pickOf(item), "aria-description", keys !== "" && `Keys: ${keys}`);

    const shelf = item.querySelector(".actions");
    while (shelf.childElementCount > actions.length) shelf.lastElementChild.remove();
    while (shelf.childElementCount < actions.length) {
      shelf.append(this.actionTemplate.content.firstElementChild.cloneNode(true));
    }
    actions.forEach((action, number) => {
      const button = shelf.children[number];
      button.value = action.name;
      button.dataset.key = action.key;
      button.title = `${action.label} (${action.key})`;
      button.setAttribute("aria-label", `${action.label}: ${card.name}`);
      button.setAttribute("aria-keyshortcuts", action.key === "+" ? "Plus" : action.key);
      button.querySelector("path").setAttribute("d", SIGNS[action.sign]);
    });
  }

  picks() {
    return [...this.list.querySelectorAll(".pick")];
  }

  markBusy(pressed) {
    for (const button of this.list.querySelectorAll("button")) {
      mark(button, "aria-busy", button === pressed);
    }
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button || button.getAttribute("aria-busy") === "true") return;
    this.markBusy(button);
    // Enter and Space make clicks of no mouse button, and so do the keys of the actions.
    this.byKeyboard = event.detail === 0;
    this.awaited = ++presses;
    // Only the button of an action has a value.
    this.send({ id: this.ids.get(pickOf(button)), action: button.value, number: this.awaited });
  }

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
    const picks = this.picks();
    const from = picks.indexOf(pickOf(event.target));
    const to = destination(event.key, from, picks.length, columnCount(picks));
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    picks[to].focus();
  }

  /** Tab enters the gallery at one card only; the arrows move from there. */
  makeTabStop(chosen) {
    for (const pick of this.picks()) {
      pick.tabIndex = pick === chosen ? 0 : -1;
    }
  }

  restoreFocus(focused, picks) {
    if (focused === null) {
      const isTabStop = (pick) => pick.tabIndex === 0;
      const isCurrent = (pick) => pick.getAttribute("aria-current") === "true";
      this.makeTabStop(picks.find(isTabStop) ?? picks.find(isCurrent) ?? picks[0]);
      return;
    }
    // The focused card may have been moved, which blurs it, or be gone:
    // then exploring goes on at the first card.
    const target = this.list.contains(focused) ? focused : picks[0];
    if (target && this.root.activeElement !== target) {
      target.focus({ preventScroll: !this.byKeyboard });
    }
  }

  revealSelected(data, picks) {
    if (data.layout !== "strip" || data.selected === this.revealed) return;
    const pick = picks.findLast((each) => this.ids.get(each) === data.selected);
    if (!pick) return;
    this.revealed = data.selected;
    // Not scrollIntoView, which would scroll the page as well.
    const view = this.list.getBoundingClientRect();
    const box = pick.getBoundingClientRect();
    if (box.left < view.left || box.right > view.right) {
      this.list.scrollLeft += (box.left + box.right - view.left - view.right) / 2;
    }
  }
}

/** The button that picks the card of an element: the item itself, or what lies in it. */
function pickOf(element) {
  return element.closest("li")?.querySelector(".pick");
}

/** The button of the action that a key calls for on the card of an element, if there is one. */
function actionOf(element, key) {
  const buttons = element.closest("li")?.querySelectorAll(".actions button") ?? [];
  return [...buttons].find((button) => button.dataset.key === key);
}

/** Lay a box around a part of the picture, given in shares of it; null is no box. */
function outline(element, box) {
  element.hidden = box === null;
  if (box === null) return;
  const { left, top, right, bottom } = box;
  const share = (part) => `${100 * part}%`;
  element.style.inset = [top, 1 - right, 1 - bottom, left].map(share).join(" ");
}

/** The index of the card that a key leads to, or undefined where it leads nowhere. */
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
      // From above a gap in the last row, Down goes to the last card.
      const inLastRow = Math.floor(from / columns) === Math.floor(last / columns);
      return inLastRow ? undefined : Math.min(from + columns, last);
    }
    default:
      return undefined;
  }
}

/** How many cards the browser has put in the first row. */
function columnCount(picks) {
  const tops = picks.map((pick) => pick.getBoundingClientRect().top);
  const second = tops.findIndex((top) => top > tops[0]);
  return second < 0 ? picks.length : second;
}

/** Set an attribute to a text, or to "true"; false takes it away. */
function mark(element, attribute, value) {
  if (value === false) {
    element.removeAttribute(attribute);
  } else {
    element.setAttribute(attribute, value);
  }
}
