import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Ticker } from "#widgets/progress_link/ticker.js";

let asked = 0;
const ask = () => asked++;

beforeEach(() => {
  asked = 0;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setInterval"] });
});

test("it asks again and again until it is stopped, in case an answer is lost", () => {
  const ticker = new Ticker();
  ticker.start("first", 1000, ask);
  mock.timers.tick(3500);
  assert.equal(asked, 3);
  ticker.stop();
  mock.timers.tick(9000);
  assert.equal(asked, 3);
});

test("an answer starts the interval again, and not a second one", () => {
  const ticker = new Ticker();
  ticker.start("first", 1000, ask);
  mock.timers.tick(600);
  ticker.start("first", 1000, ask);
  mock.timers.tick(900);
  assert.equal(asked, 0);
  mock.timers.tick(100);
  assert.equal(asked, 1);
});

test("a page that was left is not asked for, even by an answer that comes late", () => {
  const ticker = new Ticker();
  ticker.start("first", 1000, ask);
  ticker.leave();
  mock.timers.tick(5000);
  ticker.start("first", 1000, ask);
  mock.timers.tick(5000);
  assert.equal(asked, 0);
  ticker.start("second", 1000, ask);
  mock.timers.tick(1000);
  assert.equal(asked, 1);
});
