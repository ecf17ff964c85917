import assert from "node:assert/strict";
import { test } from "node:test";

import { Marking } from "#map_view/marking.js";

function marking() {
  /** @type {number[]} */
  const sent = [];
  return { made: new Marking((point) => sent.push(point)), sent };
}

test("Python is asked for one point after the other, and for none that it has marked", () => {
  const { made, sent } = marking();
  made.ask(3, 3);
  assert.deepEqual(sent, []);
  made.ask(3, -1);
  made.ask(5, -1);
  assert.deepEqual(sent, [3]);
  assert.ok(made.isPending);
});

test("the point that was asked for is shown when Python has marked it", () => {
  const { made } = marking();
  made.ask(3, -1);
  assert.equal(made.settle(-1, 3), false);
  assert.equal(made.settle(3, 3), true);
  assert.equal(made.isPending, false);
});

test("a point that was chosen meanwhile is asked for next, and the answer to the first not shown", () => {
  const { made, sent } = marking();
  made.ask(3, -1);
  assert.equal(made.settle(3, 5), false);
  assert.deepEqual(sent, [3, 5]);
  assert.equal(made.settle(3, 5), false);
  assert.equal(made.settle(5, 5), true);
});

test("a card that was closed meanwhile stays closed", () => {
  const { made, sent } = marking();
  made.ask(3, -1);
  assert.equal(made.settle(3, -1), false);
  assert.deepEqual(sent, [3, -1]);
  assert.equal(made.settle(-1, -1), true);
});

test("what Python has marked unasked is shown", () => {
  const { made, sent } = marking();
  assert.equal(made.settle(4, -1), true);
  assert.deepEqual(sent, []);
});

test("after Back, only the point of the URL is shown", () => {
  const { made, sent } = marking();
  made.ask(3, -1);
  made.opening = 3;
  made.reset();
  made.expect(2);
  assert.equal(made.opening, -1);
  assert.equal(made.settle(3, 2), false);
  assert.equal(made.settle(2, 2), true);
  assert.deepEqual(sent, [3]);
});
