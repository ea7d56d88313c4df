import { expect, test } from "bun:test";
import {
  isAllowedAgentMessage,
  readAgentMessages,
  removeComments,
} from "../../../../src/sidecar/gate/ssh-agent-messages.ts";

const list = Buffer.from([0, 0, 0, 1, 11]);
const bind = extension("session-bind@openssh.com");

test("messages are cut whole from a stream that is split at every byte", async () => {
  const stream = Buffer.concat([list, bind, list]);
  for (let at = 0; at <= stream.length; at += 1) {
    expect(await collect([stream.subarray(0, at), stream.subarray(at)])).toEqual([list, bind, list]);
  }
  expect(await collect([...stream].map((byte) => Buffer.from([byte])))).toEqual([list, bind, list]);
});

test.each([
  ["empty", [0, 0, 0, 0]],
  ["longer than 256 KiB", [0, 4, 0, 0, 11]],
  ["of 4 GiB", [255, 255, 255, 255]],
])("a message that is %s ends the stream with an error", async (_name, bytes) => {
  await expect(collect([Buffer.from(bytes)])).rejects.toThrow("empty or too long");
});

test("listing, signing and binding are allowed", () => {
  expect(isAllowedAgentMessage(list)).toBe(true);
  expect(isAllowedAgentMessage(Buffer.from([0, 0, 0, 2, 13, 0]))).toBe(true);
  expect(isAllowedAgentMessage(bind)).toBe(true);
});

test.each([
  ["adding a key", Buffer.from([0, 0, 0, 1, 17])],
  ["adding a constrained key", Buffer.from([0, 0, 0, 1, 25])],
  ["removing a key", Buffer.from([0, 0, 0, 1, 18])],
  ["removing all keys", Buffer.from([0, 0, 0, 1, 19])],
  ["loading a PKCS#11 library", Buffer.from([0, 0, 0, 1, 20])],
  ["locking", Buffer.from([0, 0, 0, 1, 22])],
  ["protocol 1", Buffer.from([0, 0, 0, 1, 1])],
  ["another extension", extension("query")],
  ["an extension whose name starts alike", extension("session-bind@openssh.com.evil")],
  ["an extension without a name", Buffer.from([0, 0, 0, 1, 27])],
  ["an extension whose name runs past its end", Buffer.from([0, 0, 0, 5, 27, 255, 255, 255, 255])],
])("%s is not allowed", (_name, message) => {
  expect(isAllowedAgentMessage(message)).toBe(false);
});

async function collect(chunks: readonly Buffer[]): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  for await (const message of readAgentMessages(stream(chunks))) messages.push(message);
  return messages;
}

async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

function extension(name: string): Buffer {
  const text = Buffer.from(name);
  return Buffer.concat([Buffer.from([0, 0, 0, 5 + text.length, 27, 0, 0, 0, text.length]), text]);
}

test("the list of keys loses its comments and nothing else", () => {
  const string = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const answer = (...comments: string[]) => {
    const keys = comments.flatMap((comment, index) => [string(`key ${index}`), string(comment)]);
    const body = Buffer.concat([Buffer.of(12, 0, 0, 0, comments.length), ...keys]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  expect(removeComments(answer("me@my-machine", ""))).toEqual(answer("", ""));
  expect(removeComments(answer())).toEqual(answer());
  const signature = Buffer.from([0, 0, 0, 6, 14, 0, 0, 0, 1, 120]);
  expect(removeComments(signature)).toBe(signature);
});
