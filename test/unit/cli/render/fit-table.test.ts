import { expect, test } from "bun:test";
import { fitTable } from "../../../../src/cli/render/fit-table.ts";
import { listHead } from "../../../../src/cli/render/list-bottles.ts";
import { renderTable } from "../../../../src/cli/render/table.ts";

const rows = [
  listHead,
  [
    "hello-k3f9q2",
    "hello",
    "waiting for input",
    "12m",
    "230 MiB",
    "0",
    "runsc (gVisor)",
    "~/code/a-project/inner",
  ],
  ["review-abc123", "review", "idle", "3s", "97.1 MiB", "12", "runc", ""],
];

test("all of it where there is room, and where nobody reads lines", () => {
  expect(fitTable(rows, undefined)).toEqual(rows);
  expect(fitTable(rows, 200)).toEqual(rows);
});

test.each([
  [
    80,
    "NAME           AGENT   STATUS             AGE  MEMORY    BLOCKED  WORKSPACE\n" +
      "hello-k3f9q2   hello   waiting for input  12m  230 MiB   0        …project/inner\n" +
      "review-abc123  review  idle               3s   97.1 MiB  12\n",
  ],
  [
    64,
    "NAME           AGENT   STATUS             AGE  MEMORY    BLOCKED\n" +
      "hello-k3f9q2   hello   waiting for input  12m  230 MiB   0\n" +
      "review-abc123  review  idle               3s   97.1 MiB  12\n",
  ],
  [
    40,
    "NAME           AGENT   STATUS\n" +
      "hello-k3f9q2   hello   waiting for input\n" +
      "review-abc123  review  idle\n",
  ],
])("what fits %i columns, or the least that makes sense", (width, text) => {
  expect(renderTable(fitTable(rows, width))).toBe(text);
});
