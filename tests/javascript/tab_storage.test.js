import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryStorage } from "#widgets/storage.js";

class Element {}

test("a server that was started again is told what the tab has kept", async () => {
  globalThis.HTMLElement = Element;
  globalThis.PerformanceNavigationTiming = class {};
  globalThis.window = { sessionStorage: new MemoryStorage() };
  const { default: mount } = await import("#widgets/tab_storage/tab_storage.js");
  const sent = [];
  const widget = () => {
    const element = new Element();
    const parentElement = { querySelector: () => element };
    const setTriggerValue = (_name, { text }) => sent.push(text);
    return (text, session) =>
      mount({ data: { name: "search", text, session }, parentElement, setTriggerValue });
  };
  // One asks on every page, another keeps what there is.
  const [ask, keep] = [widget(), widget()];

  ask(null, "first");
  keep("a drawing", "first");
  ask(null, "first");
  assert.deepEqual(sent, []);

  ask(null, "second");
  ask(null, "second");
  assert.deepEqual(sent, ["a drawing"]);
});
