/** `allow --upload` and `--requests`: how much a host may be sent in a session that runs. */
import type { BoundOutcome } from "../../bottle/live.ts";
import { parseAmount } from "../../core/amounts.ts";
import { BottleError, exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import { countOf, escapeForTerminal, quote, renderBytes } from "../../core/text.ts";
import type { App } from "../../session/app.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { readHost } from "../render/live-words.ts";

interface BoundWords {
  readonly bottle: string;
  readonly host: string;
  readonly upload?: string | undefined;
  readonly requests?: string | undefined;
  readonly for?: string | undefined;
  readonly private?: boolean | undefined;
  readonly http?: boolean | undefined;
  readonly tcp?: boolean | undefined;
  readonly save?: boolean | undefined;
}

/** Changes the bound alone: a host that is not allowed stays blocked. */
export async function changeBound(app: App, words: BoundWords): Promise<ExitCode> {
  if (words.for !== undefined || words.private || words.http || words.tcp || words.save) throw notAlone();
  const host = readHost(words.host);
  const uploadBytes = words.upload === undefined ? undefined : readSize(words.upload);
  const requests = words.requests === undefined ? undefined : readCount(words.requests);
  const bottles = await app.openBottles();
  const { session } = await chooseBottle(app, words.bottle);
  const { bottle, bounds } = await bottles.changeBound({ session, host, uploadBytes, requests });
  for (const bound of bounds) app.world.stderr.write(`${escapeForTerminal(describe(bottle, host, bound))}\n`);
  return exitCodes.ok;
}

function describe(
  bottle: string,
  host: string,
  { what, used, limit }: BoundOutcome["bounds"][number],
): string {
  const show = (amount: number) => (what === "upload" ? renderBytes(amount) : countOf(amount, "request"));
  const verb = what === "upload" ? "may be sent" : "may get";
  return `${host} ${verb} ${show(limit)} by ${bottle} in this session; ${show(used)} so far. The sidecar has confirmed it.`;
}

function readSize(text: string): number {
  const bytes = parseAmount(text);
  if (bytes !== undefined) return bytes;
  throw notRead(text, "a size", "--upload=40mb");
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw notRead(text, "a number of requests", "--requests=1000");
}

function notRead(text: string, what: string, example: string): BottleError {
  return new BottleError({
    code: "usage",
    message: `Cannot use ${quote(text)} as ${what}`,
    hint: `Write ${example}.`,
  });
}

function notAlone(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot change how a host is allowed and how much it may be sent at once",
    hint: "Leave all other flags out beside --upload and --requests.",
  });
}
