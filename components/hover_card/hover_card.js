/**
 * Shows a card beside the pointer while it rests on a point of a Plotly chart,
 * and tells Python of clicks on points.
 *
 * Streamlit calls the default export again whenever the data or the theme
 * changes, on the same DOM. What must outlive a call is kept per card.
 */

const DWELL = 100; // ms on a point before the card shows
const GRACE = 60; // ms without a point before it hides: neighbours swap without a blink
const LOOK = 300; // ms between looks for the chart, which mounts late and may mount anew
const GAP = 16; // px from the pointer
const MARGIN = 8; // px from the window's edges

const cards = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".card");
  const card = cards.get(element) ?? new HoverCard(element);
  cards.set(element, card);
  card.update(data, (id) => setTriggerValue("picked", id));

  // Streamlit may call an outdated call's clean-up after a newer call.
  const call = (card.lastCall = Symbol());
  return () => {
    if (card.lastCall !== call) return;
    card.close();
    cards.delete(element);
  };
}

class HoverCard {
  constructor(element) {
    this.element = element;
    this.image = element.querySelector("img");
    this.name = element.querySelector(".name");
    this.category = element.querySelector(".category");
    this.image.onload = () => this.image.classList.add("loaded");
    this.chart = null;
    this.on = null;

    this.handlers = {
      plotly_hover: (event) => this.onHover(event),
      plotly_unhover: () => this.hideSoon(),
      plotly_relayouting: () => this.hide(),
      plotly_relayout: () => this.hide(),
      plotly_selecting: () => this.hide(),
      plotly_click: (event) => this.onClick(event),
    };

    this.closing = new AbortController();
    const hide = () => this.hide();
    const options = { signal: this.closing.signal, capture: true, passive: true };
    window.addEventListener("blur", hide, options);
    window.addEventListener("scroll", hide, options);
    window.addEventListener("resize", hide, options);
    window.addEventListener("keydown", hide, options);
    document.documentElement.addEventListener("pointerleave", hide, {
      signal: this.closing.signal,
    });
    document.addEventListener("visibilitychange", hide, options);

    this.look = setInterval(() => this.attach(), LOOK);
  }

  close() {
    clearInterval(this.look);
    this.closing.abort();
    this.hide();
    this.detach();
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    // No room for a thing without a face: Streamlit puts a gap after each.
    const place = this.element.getRootNode().host?.closest(`.${data.self}`);
    if (place) place.style.position = "absolute";
    this.attach();
  }

  /** Listen to the chart that is on the page now. */
  attach() {
    const chart = document.querySelector(`.${this.data.chart} .js-plotly-plot`);
    const on = chart?.on ?? null; // Plotly adds it when it has drawn the chart
    // A chart drawn anew on the same element has a new `on`.
    if (chart === this.chart && on === this.on) return;
    this.detach();
    if (!on) return;
    this.chart = chart;
    this.on = on;
    for (const [name, handler] of Object.entries(this.handlers)) {
      chart.on(name, handler);
    }
  }

  detach() {
    if (!this.chart) return;
    this.hide();
    for (const [name, handler] of Object.entries(this.handlers)) {
      this.chart.removeListener?.(name, handler);
    }
    this.chart = null;
    this.on = null;
  }

  onHover({ points, event }) {
    const [id, name, category, version] = points[0]?.customdata ?? [];
    if (id === undefined) return;
    clearTimeout(this.timer);
    const show = () => {
      this.fill({ id, name, category, version });
      this.moveTo(event.clientX, event.clientY);
    };
    if (this.element.matches(":popover-open")) {
      show();
    } else {
      this.timer = setTimeout(show, DWELL);
    }
  }

  onClick({ points }) {
    this.hide();
    const id = points[0]?.customdata?.[0];
    if (this.data.clickable && id !== undefined) this.send(String(id));
  }

  fill({ id, name, category, version }) {
    const address = this.data.url
      .replaceAll("{id}", () => encodeURIComponent(id))
      .replaceAll("{version}", () => encodeURIComponent(version ?? ""));
    if (this.image.getAttribute("src") !== address) {
      this.image.classList.remove("loaded");
      this.image.src = address;
    }
    this.name.textContent = name ?? "";
    this.category.textContent = category ?? "";
  }

  /** Show the card right of and above the pointer, or where the window has room. */
  moveTo(x, y) {
    this.element.showPopover();
    const { width, height } = this.element.getBoundingClientRect();
    const right = x + GAP + width + MARGIN <= window.innerWidth;
    const left = right ? x + GAP : x - GAP - width;
    const top = y - GAP - height;
    this.element.style.left = `${clamp(left, MARGIN, window.innerWidth - width - MARGIN)}px`;
    this.element.style.top = `${clamp(top, MARGIN, window.innerHeight - height - MARGIN)}px`;
  }

  hideSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), GRACE);
  }

  hide() {
    clearTimeout(this.timer);
    if (this.element.matches(":popover-open")) this.element.hidePopover();
  }
}

function clamp(value, least, most) {
  return Math.max(least, Math.min(value, most));
}
