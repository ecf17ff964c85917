/**
 * A grid or strip of pictures to pick from.
 *
 * Streamlit calls the default export again whenever the data or the theme
 * changes, on the same DOM. What must outlive a call is kept per list.
 */

const galleries = new WeakMap();

// Python answers a pick by its number, so that an answer to an older pick
// does not end the wait for the newest. One count for the page's lifetime
// stays distinct when a gallery is mounted anew.
let picks = 0;

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".gallery");
  if (!galleries.has(list)) {
    galleries.set(list, new Gallery(list, parentElement));
  }
  galleries.get(list).update(data, (pick) => setTriggerValue("picked", pick));
}

class Gallery {
  constructor(list, root) {
    this.list = list;
    this.root = root;
    this.template = root.querySelector("template");
    this.items = new Map();
    this.ids = new WeakMap();
    this.awaited = null;
    this.byKeyboard = false;

    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("keydown", (event) => this.onKeyDown(event));
    list.addEventListener("focusin", (event) => this.makeTabStop(event.target));
  }

  update(data, send) {
    this.send = send;
    this.list.setAttribute("aria-label", data.label);
    this.list.dataset.layout = data.layout;
    this.list.style.setProperty("--size", `${data.size}px`);

    const focused = this.list.contains(this.root.activeElement) ? this.root.activeElement : null;
    this.place(data.cards);
    const buttons = this.buttons();
    for (const button of buttons) {
      mark(button, "aria-current", this.ids.get(button) === data.selected);
    }

    if (this.awaited !== null && data.heard === this.awaited) {
      this.awaited = null;
      for (const button of buttons) {
        mark(button, "aria-busy", false);
      }
    }

    this.restoreFocus(focused, buttons);
    this.revealSelected(data, buttons);
  }

  /** Bring the list's items in line with the cards; an item keeps its nodes. */
  place(cards) {
    const items = new Map();
    const counts = new Map();
    for (const card of cards) {
      // A trail may show one model twice: the second needs nodes of its own.
      const count = counts.get(card.id) ?? 0;
      counts.set(card.id, count + 1);
      const slot = `${count} ${card.id}`;
      const item = this.items.get(slot) ?? this.createItem();
      this.fill(item, card);
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
    const item = this.template.content.firstElementChild.cloneNode(true);
    const image = item.querySelector("img");
    image.addEventListener("error", () => item.classList.add("broken"));
    return item;
  }

  fill(item, card) {
    const button = item.querySelector("button");
    this.ids.set(button, card.id);
    button.setAttribute("aria-label", card.label);
    button.title = card.detail ? `${card.name}\n${card.detail}` : card.name;
    item.querySelector(".name").textContent = card.name;
    item.querySelector(".note").textContent = card.note;
    item.querySelector(".stand-in").textContent = card.name;

    const image = item.querySelector("img");
    if (image.getAttribute("src") !== card.src) {
      item.classList.remove("broken");
      image.src = card.src;
    }
  }

  buttons() {
    return [...this.list.querySelectorAll("button")];
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button || button.getAttribute("aria-busy") === "true") return;
    for (const other of this.buttons()) {
      mark(other, "aria-busy", other === button);
    }
    // Enter and Space make clicks of no mouse button.
    this.byKeyboard = event.detail === 0;
    this.awaited = ++picks;
    this.send({ id: this.ids.get(button), number: this.awaited });
  }

  onKeyDown(event) {
    // Alt+Left is the browser's Back.
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const buttons = this.buttons();
    const from = buttons.indexOf(event.target);
    const to = destination(event.key, from, buttons.length, columnCount(buttons));
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    buttons[to].focus();
  }

  /** Tab enters the gallery at one card only; the arrows move from there. */
  makeTabStop(chosen) {
    for (const button of this.buttons()) {
      button.tabIndex = button === chosen ? 0 : -1;
    }
  }

  restoreFocus(focused, buttons) {
    if (focused === null) {
      const isTabStop = (button) => button.tabIndex === 0;
      const isCurrent = (button) => button.getAttribute("aria-current") === "true";
      this.makeTabStop(buttons.find(isTabStop) ?? buttons.find(isCurrent) ?? buttons[0]);
      return;
    }
    // The focused card may have been moved, which blurs it, or be gone:
    // then exploring goes on at the first card.
    const target = buttons.includes(focused) ? focused : buttons[0];
    if (target && this.root.activeElement !== target) {
      target.focus({ preventScroll: !this.byKeyboard });
    }
  }

  revealSelected(data, buttons) {
    if (data.layout !== "strip" || data.selected === this.revealed) return;
    const button = buttons.findLast((each) => this.ids.get(each) === data.selected);
    if (!button) return;
    this.revealed = data.selected;
    // Not scrollIntoView, which would scroll the page as well.
    const view = this.list.getBoundingClientRect();
    const box = button.getBoundingClientRect();
    if (box.left < view.left || box.right > view.right) {
      this.list.scrollLeft += (box.left + box.right - view.left - view.right) / 2;
    }
  }
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
function columnCount(buttons) {
  const top = buttons[0]?.offsetTop;
  const second = buttons.findIndex((button) => button.offsetTop > top);
  return second < 0 ? buttons.length : second;
}

function mark(element, attribute, on) {
  if (on) {
    element.setAttribute(attribute, "true");
  } else {
    element.removeAttribute(attribute);
  }
}
