// What is made of `infralint.args`, and of the list of rules.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules, rulesArguments } from "../src/arguments";

test("the rules are listed by the same program", () => {
  assert.deepEqual(rulesArguments(["server"]), ["rules", "--format", "json"]);
  assert.deepEqual(rulesArguments(["run", "infralint", "server", "--stdio"]), ["run", "infralint", "rules", "--format", "json"]);
  assert.equal(rulesArguments(["-c", "start"]), undefined);
});

test("the list of rules", () => {
  assert.deepEqual(parseRules('{"version": 1, "rules": [{"id": "a-b", "title": "T", "default": true}, {"id": 1}, null]}'), [{ id: "a-b", title: "T" }]);
  assert.throws(() => parseRules('{"version": 1}'), TypeError);
  assert.throws(() => parseRules("No such command"), SyntaxError);
});
