import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { GOING, goTo, isPlain } from "#widgets/links.js";

const PLAIN = { button: 0, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
let log = [];

beforeEach(() => {
  log = [];
  const at = "http://host/app/search?like=a";
  globalThis.document = { baseURI: at };
  globalThis.PopStateEvent = class {
    constructor(type) {
      this.type = type;
    }
  };
  globalThis.window = {
    location: { href: at },
    history: { state: null, pushState: (_state, _title, url) => log.push(`push ${url}`) },
    dispatchEvent: ({ type }) => log.push(type),
  };
});

afterEach(() => {
  delete globalThis.document;
  delete globalThis.window;
  delete globalThis.PopStateEvent;
});

test("a click is plain without another button and without a key", () => {
  assert.ok(isPlain(PLAIN));
  assert.ok(!isPlain({ ...PLAIN, button: 1 }));
  for (const key of ["ctrlKey", "metaKey", "shiftKey", "altKey"]) {
    assert.ok(!isPlain({ ...PLAIN, [key]: true }), key);
  }
});

test("going to a page adds one entry, of which Streamlit is told", () => {
  goTo("./?item=b");
  assert.deepEqual(log, [GOING, "push http://host/app/?item=b", "popstate"]);
});

test("going to the page that is shown adds no entry", () => {
  goTo("?like=a");
  assert.deepEqual(log, ["popstate"]);
});
