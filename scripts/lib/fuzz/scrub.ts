/**
 * What takes secrets out of answers: the same comes out however the body is cut; what has come out after each piece is as much for one
 * secret as for any other of its length, unless the body holds one whole; and a secret that is in it is not in what comes out.
 */
import { Buffer } from "node:buffer";
import { scrubBody, writers } from "../../../test/support/scrubbing.ts";
import type { Fuzzer } from "./fuzzer.ts";
import type { Picker } from "./picker.ts";

const alphabets = [
  "0123456789abcdef",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_.%&\\\"<' ",
];
const placeholder = "\u0001placeholder\u0001";

/** One body, and what stands in it. */
export interface ScrubCase {
  readonly secret: string;
  /** As long, and the same up to some place */
  readonly rival: string;
  readonly body: Buffer;
  readonly pieces: readonly Buffer[];
  /** How the secret is written in the body */
  readonly written: readonly string[];
}

/** `hasWhole`: the secret stands in the body, and not only parts of it. */
export function makeCase(picker: Picker, hasWhole: boolean): ScrubCase {
  const alphabet = picker.pick(alphabets);
  const draw = (length: number) => Array.from({ length }, () => picker.pick([...alphabet])).join("");
  // A space at its end is none that a header's value may have
  const secret = `${draw(11 + picker.below(30))}x`;
  const shared = picker.below(secret.length);
  const rival = secret.slice(0, shared) + draw(secret.length - shared);
  const written: string[] = [];
  const makers = [
    () =>
      picker.pick([
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "data: ",
        '"',
        "%",
        "%4",
        "\\",
        "\\u00",
        "&#",
        "&am",
        "\0",
        "\u00e9",
        "=",
      ]),
    () => draw(picker.below(90)),
    () => secret.slice(0, picker.below(secret.length)),
    () => secret.slice(1 + picker.below(secret.length)),
    () => write(picker, secret.slice(0, picker.below(secret.length))),
    () => picker.bytes(picker.below(20)).toString("latin1"),
    () => {
      if (!hasWhole) return "";
      const text = write(picker, secret);
      written.push(text);
      return ` ${text}\u0002`;
    },
  ];
  const body = Buffer.from(
    picker.list(1, picker.pick([8, 40]), () => picker.pick(makers)()).join(""),
    "latin1",
  );
  return { secret, rival, body, pieces: picker.cut(body), written };
}

/** Undefined if every piece let as much out for one secret as for the other, or one of them was there. */
export function findTelling(
  one: { readonly sizes: readonly number[]; readonly count: number },
  other: { readonly sizes: readonly number[]; readonly count: number },
): string | undefined {
  if (one.count > 0 || other.count > 0) return undefined;
  const at = one.sizes.findIndex((size, index) => size !== other.sizes[index]);
  return at < 0
    ? undefined
    : `after piece ${at} ${one.sizes[at]} bytes are out, and ${other.sizes[at]} for another secret`;
}

export const fuzzer: Fuzzer = {
  async try(picker) {
    const { secret, rival, body, pieces, written } = makeCase(picker, picker.once(2));
    const shown = JSON.stringify({ secret, rival, pieces: pieces.map((one) => one.toString("latin1")) });
    const cut = await scrubBody(pieces, [secret], placeholder);
    const whole = await scrubBody([body], [secret], placeholder);
    if (cut.text !== whole.text)
      return `cut apart it is ${JSON.stringify(cut.text)}, whole ${JSON.stringify(whole.text)}: ${shown}`;
    if (cut.count !== whole.count)
      return `${cut.count} are found in pieces and ${whole.count} in one: ${shown}`;
    const telling = findTelling(cut, await scrubBody(pieces, [rival], placeholder));
    if (telling !== undefined) return `${telling}: ${shown}`;
    return cut.count >= written.length
      ? undefined
      : `${cut.count} are found of ${JSON.stringify(written)}: ${shown}, which gave ${JSON.stringify(cut.text)}`;
  },
};

function write(picker: Picker, value: string): string {
  const base64 = `${"user:".slice(0, picker.below(6))}${value}${"more".slice(0, picker.below(5))}`;
  const text = Buffer.from(base64).toString(picker.pick(["base64", "base64url"]));
  return picker.once(3) ? text : picker.pick(Object.values(writers))(value);
}
