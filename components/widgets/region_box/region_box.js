/**
 * A picture, and a box on it: drawn, moved and resized with the pointer or the keys.
 *
 * A box is [left, top, right, bottom] in shares of the picture; null is the
 * whole picture. Streamlit calls the default export again whenever the data or
 * the theme changes, on the same DOM. What must outlive a call is kept per
 * picture.
 */

const LEAST = 0.03; // of either side: a smaller box is a slip
const STRAYED = 4; // pixels that a pointer goes before it drags
const PAUSE = 250; // ms without a key before the box is sent
const MIDDLE = [0.25, 0.25, 0.75, 0.75]; // the first box of who has no pointer
const STEPS = {
  ArrowLeft: [-0.01, 0],
  ArrowRight: [0.01, 0],
  ArrowUp: [0, -0.01],
  ArrowDown: [0, 0.01],
};

const choosers = new WeakMap();

// Python answers a box by its number. One count for the page's lifetime stays
// distinct when a picture is mounted anew.
let changes = 0;

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".region");
  const chooser = choosers.get(element) ?? new Chooser(element);
  choosers.set(element, chooser);
  chooser.update(data, (change) => setTriggerValue("changed", change));

  // Streamlit may call an outdated call's clean-up after a newer call.
  const call = (chooser.lastCall = Symbol());
  return () => {
    if (chooser.lastCall !== call) return;
    chooser.close();
    choosers.delete(element);
  };
}

class Chooser {
  constructor(element) {
    this.element = element;
    for (const name of ["frame", "surface", "proposed", "veil", "box", "clear", "words"]) {
      this[name] = element.querySelector(`.${name}`);
    }
    this.image = element.querySelector("img");
    this.standIn = element.querySelector(".stand-in");

    this.region = null;
    this.gesture = null;
    this.awaited = null;
    this.timer = null;

    this.image.onload = () => this.open();
    this.image.onerror = () => this.enter("broken");
    this.frame.onpointerdown = (event) => this.begin(event);
    this.frame.onpointermove = (event) => this.go(event);
    this.frame.onpointerup = (event) => this.end(event);
    this.frame.onpointercancel = (event) => {
      if (event.pointerId === this.gesture?.pointer) this.cancel();
    };
    this.frame.onkeydown = (event) => this.onKeyDown(event);
    this.clear.onclick = () => this.take(null);
    this.proposed.onclick = () => this.accept();
    this.surface.onclick = (event) => {
      // Enter and Space make clicks of no mouse button.
      if (event.detail === 0) this.take(MIDDLE);
    };
  }

  close() {
    clearTimeout(this.timer);
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    this.image.alt = this.standIn.textContent = data.alt;
    if (this.image.getAttribute("src") !== data.src) {
      // What was under way was meant for another picture.
      this.drop();
      this.awaited = null;
      this.enter("loading");
      this.image.src = data.src;
    }
    this.follow();
  }

  /** Show the picture that has come. */
  open() {
    const { naturalWidth, naturalHeight } = this.image;
    this.frame.style.setProperty("--ratio", naturalWidth / naturalHeight);
    this.enter("ready");
  }

  enter(state) {
    this.element.dataset.state = state;
    this.show();
  }

  /** Take Python's box, but not while the person is ahead of it. */
  follow() {
    const outdated = this.awaited !== null && this.data.heard !== this.awaited;
    if (this.gesture || this.timer !== null || outdated) return;
    this.awaited = null;
    this.region = this.data.region;
    this.show();
    this.describe();
  }

  begin(event) {
    const ready = this.element.dataset.state === "ready";
    const { target } = event;
    if (event.button !== 0 || this.gesture || !ready || this.clear.contains(target)) return;
    event.preventDefault();
    if (this.timer !== null) this.tell();
    this.frame.setPointerCapture(event.pointerId);
    this.frame.style.cursor = getComputedStyle(target).cursor;
    // The keys are for the box now; a ring around it would only distract.
    const focused = this.region ? this.box : this.surface;
    focused.focus({ preventScroll: true, focusVisible: false });
    this.gesture = {
      pointer: event.pointerId,
      kind: target.dataset.edges ?? (target === this.box ? "move" : "draw"),
      accepts: this.proposed.contains(target),
      before: this.region,
      from: this.locate(event),
      strayed: false,
    };
  }

  go(event) {
    const { gesture } = this;
    if (event.pointerId !== gesture?.pointer) return;
    const to = this.locate(event);
    const { from } = gesture;
    gesture.strayed ||= Math.hypot(to.left - from.left, to.top - from.top) > STRAYED;
    if (!gesture.strayed) return;
    this.region = outcome(gesture, to);
    this.show();
  }

  end(event) {
    const { gesture, region } = this;
    if (event.pointerId !== gesture?.pointer) return;
    const same = String(region) === String(gesture.before);
    if (gesture.accepts && !gesture.strayed) {
      this.cancel();
      this.accept();
    } else if (same || (gesture.kind === "draw" && isSmall(region))) {
      this.cancel();
    } else {
      this.take(region);
    }
  }

  /** End the gesture as if it had never begun. */
  cancel() {
    if (!this.gesture) return;
    this.region = this.gesture.before;
    this.drop();
    this.show();
    this.follow(); // an update may have come in the meantime
  }

  /** Forget what is under way. */
  drop() {
    this.gesture = null;
    this.frame.style.cursor = "";
    clearTimeout(this.timer);
    this.timer = null;
  }

  /** Where the pointer is: in pixels, and in shares of the picture. */
  locate(event) {
    const view = this.frame.getBoundingClientRect();
    const [left, top] = [event.clientX - view.left, event.clientY - view.top];
    return { left, top, x: left / view.width, y: top / view.height };
  }

  onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (event.key === "Escape" && this.gesture) {
      this.cancel();
    } else if (event.key === "Escape" && this.region) {
      this.take(null);
    } else if (step && event.target === this.box && !this.gesture) {
      const { region } = this;
      this.region = event.shiftKey ? resized(region, "se", ...step) : moved(region, ...step);
      this.show();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.tell(), PAUSE);
    } else {
      return;
    }
    // Arrows scroll the page, and Escape closes a dialog that the picture may be in.
    event.preventDefault();
    event.stopPropagation();
  }

  accept() {
    // A browser may follow up a press that has accepted with a click.
    if (this.data.proposed && !this.region) this.take(this.data.proposed);
  }

  take(region) {
    this.region = region;
    this.tell();
    this.show();
  }

  tell() {
    this.drop();
    this.describe();
    this.awaited = ++changes;
    this.send({ box: this.region, number: this.awaited });
  }

  show() {
    const { activeElement } = this.element.getRootNode();
    const focused = [this.surface, this.proposed, this.box, this.clear].includes(activeElement);
    const focusVisible = focused && activeElement.matches(":focus-visible");
    const ready = this.element.dataset.state === "ready";
    const boxed = ready && this.region !== null;
    const offered = ready && !boxed && this.data.proposed !== null;
    this.surface.hidden = !ready || boxed;
    this.proposed.hidden = !offered;
    this.veil.hidden = this.box.hidden = this.clear.hidden = !boxed;
    if (boxed) place(this.frame, this.region);
    if (offered) place(this.proposed, this.data.proposed);
    // What had the focus may be hidden now: the keys stay with the picture.
    if (focused && activeElement.hidden) {
      (boxed ? this.box : this.surface).focus({ preventScroll: true, focusVisible });
    }
  }

  describe() {
    const [left, top, right, bottom] = (this.region ?? []).map((share) => Math.round(share * 100));
    this.words.textContent = this.region
      ? `${left} to ${right} % from the left, ${top} to ${bottom} % from the top`
      : "The whole picture";
  }
}

/** The box that a gesture has come to. */
function outcome({ kind, before, from }, to) {
  if (kind === "draw") {
    const [x0, x1] = [clamp(from.x, 0, 1), clamp(to.x, 0, 1)];
    const [y0, y1] = [clamp(from.y, 0, 1), clamp(to.y, 0, 1)];
    return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
  }
  const by = [to.x - from.x, to.y - from.y];
  return kind === "move" ? moved(before, ...by) : resized(before, kind, ...by);
}

function moved([left, top, right, bottom], dx, dy) {
  const x = clamp(dx, -left, 1 - right);
  const y = clamp(dy, -top, 1 - bottom);
  return [left + x, top + y, right + x, bottom + y];
}

/** The box with some of its edges ("n", "e", "s", "w") moved. */
function resized([left, top, right, bottom], edges, dx, dy) {
  return [
    edges.includes("w") ? Math.max(0, Math.min(left + dx, right - LEAST)) : left,
    edges.includes("n") ? Math.max(0, Math.min(top + dy, bottom - LEAST)) : top,
    edges.includes("e") ? Math.min(1, Math.max(right + dx, left + LEAST)) : right,
    edges.includes("s") ? Math.min(1, Math.max(bottom + dy, top + LEAST)) : bottom,
  ];
}

function isSmall([left, top, right, bottom]) {
  return right - left < LEAST || bottom - top < LEAST;
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

/** Tell the style sheet where a box is. */
function place(element, [left, top, right, bottom]) {
  for (const [edge, share] of Object.entries({ left, top, right, bottom })) {
    element.style.setProperty(`--${edge}`, `${share * 100}%`);
  }
}
