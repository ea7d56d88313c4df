import { expect, test } from "bun:test";
import { findRoom } from "../../../src/host/incoming-room.ts";

const gibibyte = 1024 ** 3;

test.each([
  ["much", { "/a": 31 * gibibyte }, 10 * gibibyte],
  ["little: half of it stays free", { "/a": 600 }, 100],
  ["nothing", { "/a": 0 }, 0],
  ["the fullest of several disks", { "/a": 31 * gibibyte, "/b": 4 * gibibyte }, gibibyte],
  ["a folder that is gone", { "/a": undefined, "/b": 4 * gibibyte }, gibibyte],
  ["nobody knows", { "/a": undefined }, Infinity],
])("the room for what comes follows from what is free: %s", async (_name, disks: object, room) => {
  const free = new Map<string, number | undefined>(Object.entries(disks));
  expect(await findRoom([...free.keys()], async (folder) => free.get(folder))).toBe(room);
});
