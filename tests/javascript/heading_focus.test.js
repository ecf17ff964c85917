import assert from "node:assert/strict";
import { test } from "node:test";

import { placeOf } from "#widgets/page_history/heading_focus.js";

function place(url) {
  return placeOf(new globalThis.URL(url, "http://host"));
}

test("filters, layouts and pages of a gallery lead nowhere else", () => {
  assert.equal(place("/?catalogue=small"), place("/?catalogue=small&q=cat&page=2"));
  assert.equal(place("/?item=a"), place("/?item=a&k=36&by=both"));
});

test("another page, another model and all models are other places", () => {
  const places = ["/", "/?item=a", "/?item=b", "/map", "/map?item=a"].map(place);
  assert.equal(new Set(places).size, places.length);
});
