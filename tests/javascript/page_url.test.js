import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { PageUrl, parameterOfUrl, withView } from "#map_view/page_url.js";

/** @type {string[]} */
let replaced = [];

/** @param {string} href */
function visit(href) {
  const { pathname } = new URL(href);
  const history = {
    state: { index: 1 },
    replaceState: (state, _title, url) => {
      assert.deepEqual(state, { index: 1 });
      replaced.push(url);
      visit(url);
    },
  };
  globalThis.window = { location: { href, pathname }, history };
}

beforeEach(() => {
  replaced = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  visit("http://localhost/map?catalogue=fluent");
});

test("a view joins the other parameters, replaces another one, and leaves", () => {
  const href = "http://localhost/map?catalogue=fluent";
  const zoomed = withView(href, "0.1_0.2_3.00");
  assert.equal(zoomed, `${href}&view=0.1_0.2_3.00`);
  assert.equal(withView(zoomed, "all"), `${href}&view=all`);
  assert.equal(withView(zoomed, ""), href);
});

test("a URL that has the view stays as it is to the letter", () => {
  const href = "http://localhost/map?q=a%20b&view=all";
  assert.equal(withView(href, "all"), href);
  assert.equal(withView("http://localhost/map?q=a%20b", ""), "http://localhost/map?q=a%20b");
});

test("the view is written once it has come to rest", () => {
  let view = "first";
  const url = new PageUrl(() => view);
  url.writeSoon();
  mock.timers.tick(200);
  view = "second";
  url.writeSoon();
  mock.timers.tick(200);
  assert.deepEqual(replaced, []);
  mock.timers.tick(200);
  assert.deepEqual(replaced, ["http://localhost/map?catalogue=fluent&view=second"]);
  assert.equal(parameterOfUrl("view"), "second");
});

test("it is written at once before the page is left, and not again", () => {
  const url = new PageUrl(() => "all");
  url.writeSoon();
  url.write();
  mock.timers.tick(1000);
  assert.equal(replaced.length, 1);
});

test("nothing is written to the URL of another page, nor where nobody has chosen a view", () => {
  const url = new PageUrl(() => "all");
  url.writeSoon();
  visit("http://localhost/search");
  mock.timers.tick(1000);
  new PageUrl(() => null).write();
  assert.deepEqual(replaced, []);
  assert.equal(url.isOfMap, false);
});

test("a parameter that is not there is empty", () => {
  assert.equal(parameterOfUrl("catalogue"), "fluent");
  assert.equal(parameterOfUrl("view"), "");
});
