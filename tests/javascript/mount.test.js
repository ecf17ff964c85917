import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { component, find } from "#mount.js";

class Element {}
class Canvas extends Element {}

/** What Streamlit does with a component: calls it again and again on the same elements. */
function mounted() {
  const log = [];
  const element = new Element();
  const parentElement = { querySelector: (selector) => (selector === ".thing" ? element : null) };
  const call = component(".thing", "pressed", (_element, data) => {
    log.push(`create ${data}`);
    return {
      update: (latest, send) => {
        log.push(`update ${latest}`);
        send(`heard ${latest}`);
      },
      close: () => log.push("close"),
    };
  });
  const setTriggerValue = (name, value) => log.push(`${name}: ${value}`);
  return { log, call: (data) => call({ data, parentElement, setTriggerValue }) };
}

beforeEach(() => {
  globalThis.HTMLElement = Element;
});

test("a second call updates the widget that the first has created", () => {
  const { log, call } = mounted();
  call("a");
  call("b");
  assert.deepEqual(log, [
    "create a",
    "update a",
    "pressed: heard a",
    "update b",
    "pressed: heard b",
  ]);
});

test("an outdated clean-up leaves the widget as it is, and the last one closes it", () => {
  const { log, call } = mounted();
  const first = call("a");
  const second = call("b");
  first();
  assert.ok(!log.includes("close"));
  second();
  second();
  assert.equal(log.filter((each) => each === "close").length, 1);
  call("c");
  assert.ok(log.includes("create c"));
});

test("two components of a page have widgets of their own", () => {
  const widgets = new Map();
  const call = component(".thing", "pressed", (element) => {
    const widget = { update: () => {}, element };
    widgets.set(element, widget);
    return widget;
  });
  for (const element of [new Element(), new Element()]) {
    const parentElement = { querySelector: () => element };
    const cleanUp = call({ data: null, parentElement, setTriggerValue: () => {} });
    assert.equal(cleanUp, undefined, "there is nothing to close");
  }
  assert.equal(widgets.size, 2);
});

test("an element that is missing or of another kind is named", () => {
  const canvas = new Canvas();
  const root = { querySelector: (selector) => (selector === "canvas" ? canvas : null) };
  assert.equal(find(root, "canvas", Canvas), canvas);
  assert.throws(() => find(root, ".card", Element), /no Element at "\.card"/);
  assert.throws(() => find({ querySelector: () => new Element() }, "canvas", Canvas), /Canvas/);
});
