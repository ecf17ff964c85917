import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Questions } from "#widgets/search_box/questions.js";

/** @type {{ text: string, number: number }[]} */
let asked = [];
/** @type {Questions} */
let questions;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = [];
  questions = new Questions((text, number) => asked.push({ text, number }));
  questions.start("first");
});

const texts = () => asked.map(({ text }) => text);
const last = () => asked[asked.length - 1].number;

test("while an answer is awaited only the newest text waits for the next question", () => {
  for (const text of ["c", "ca", "cat"]) questions.put(text);
  assert.deepEqual(texts(), ["c"]);
  assert.equal(questions.answer(last()), true);
  assert.deepEqual(texts(), ["c", "cat"]);
  assert.equal(questions.answer(last()), true);
  assert.deepEqual(texts(), ["c", "cat"]);
});

test("an answer to another question, or the same one again, is none", () => {
  questions.put("c");
  const first = last();
  assert.equal(questions.answer(first - 1), false);
  assert.equal(questions.answer(null), false);
  assert.equal(questions.answer(first), true);
  assert.equal(questions.answer(first), false);
});

test("nothing is asked about no text", () => {
  questions.put("c");
  questions.put("");
  questions.answer(last());
  assert.deepEqual(texts(), ["c"]);
});

test("an answer that was lost is not awaited for ever", () => {
  questions.put("c");
  questions.put("ca");
  mock.timers.tick(3000);
  assert.deepEqual(texts(), ["c", "ca"]);
  mock.timers.tick(3000);
  assert.deepEqual(texts(), ["c", "ca", "ca"]);
});

test("a page that was left is not asked, and the next one is asked at once", () => {
  questions.put("c");
  questions.leave();
  questions.put("ca");
  questions.start("first");
  mock.timers.tick(5000);
  assert.deepEqual(texts(), ["c"]);
  questions.start("second");
  assert.deepEqual(texts(), ["c", "ca"]);
});

test("another page, which may be of another catalogue, is asked about the same text", () => {
  questions.put("c");
  questions.answer(last());
  assert.equal(questions.start("first"), false);
  assert.deepEqual(texts(), ["c"]);
  assert.equal(questions.start("second"), true);
  assert.deepEqual(texts(), ["c", "c"]);
});

test("a box that is gone asks nothing", () => {
  questions.put("c");
  questions.put("ca");
  questions.stop();
  mock.timers.tick(5000);
  assert.deepEqual(texts(), ["c"]);
});
