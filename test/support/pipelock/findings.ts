/** What is found in a request or an answer: the record's own texts, and the one form of a credential that it has. */
import { openedTls } from "../../../scripts/lib/filter-contract/catalogue/opened-tls.ts";
import { plainHttp } from "../../../scripts/lib/filter-contract/catalogue/plain-http.ts";
import { fill } from "../../../scripts/lib/filter-contract/catalogue/exchange.ts";
import type { Exchange } from "../../../scripts/lib/filter-contract/catalogue/exchange.ts";
import type { ExchangeAnswer } from "../../../scripts/lib/filter-contract/contract.ts";
import { header } from "./conversation.ts";
import type { Request } from "./conversation.ts";
import { recorded } from "./recorded.ts";
import type { Swaps } from "./recorded.ts";

/** `plain` or `opened`: how a request came, and the beginning of the names of its groups */
export type Way = "plain" | "opened";

export interface Finding {
  readonly exchange: ExchangeAnswer;
  readonly swaps: Swaps;
}

const key = /AKIA[A-Z0-9]{16}/i;
const maxBodyBytes = 5 * 1024 * 1024;
const maxUrlLength = 8192;
export const instruction = "Ignore all previous instructions";
const looked = ["authorization", "cookie", "x-api-key"];

export function holdsKey(text: string): boolean {
  return key.test(text);
}

/** The header that holds one, by its name as it is told. */
export function findKeyHeader(headers: Request["headers"], names: readonly string[]): string | undefined {
  return headers.find(([name, value]) => names.includes(name.toLowerCase()) && holdsKey(value))?.[0];
}

/** The first thing that is found: in the address, then in the body, then in the headers. */
export function judge(way: Way, request: Request, url: string): Finding | undefined {
  const places = way === "plain" ? "plain, places" : "opened, bodies";
  const bodies = `${way}, bodies`;
  const about = (group: string, name: string, swaps: Swaps = {}) => ({
    exchange: recorded(group, name),
    swaps,
  });
  const path = pathOf(url);
  if (url.length > maxUrlLength) {
    const { length } = url;
    return about(places, "long address", {
      [way === "plain" ? "8226" : "8227"]: String(length),
      "{8200 x 0}": path.slice(4),
    });
  }
  const known = findAmong(
    places,
    (one) =>
      refuses(places, one) &&
      (one.send ?? "").startsWith("GET ") &&
      !holdsHeader(one) &&
      pathOf(targetOf(one)) === path,
  );
  if (known) return about(places, known.name, { "/?k=AKIAIOSFODNN7EXAMPLE": path });
  if (holdsKey(url)) return about(places, "key in the query", { "/?k=AKIAIOSFODNN7EXAMPLE": path });
  if (request.body.length > maxBodyBytes) return about(bodies, "too long");
  const encoding = header(request, "content-encoding") ?? "identity";
  if (request.body.length > 0 && encoding !== "identity") return about(bodies, "packed", { gzip: encoding });
  const body = request.body.toString("latin1");
  const type = header(request, "content-type");
  const same = findAmong(
    bodies,
    (one) =>
      refuses(bodies, one) &&
      body !== "" &&
      bodyOf(one) === body &&
      typeOf(one) === type &&
      !/^content-encoding:/im.test(one.send ?? ""),
  );
  if (same) return about(bodies, same.name);
  if (holdsKey(body)) return about(bodies, "key");
  const named = findKeyHeader(request.headers, looked);
  return named === undefined ? undefined : about(places, "key in Authorization", { Authorization: named });
}

function findAmong(group: string, fits: (exchange: Exchange) => boolean): Exchange | undefined {
  return [...plainHttp, ...openedTls].find(({ name }) => name === group)?.exchanges.find(fits);
}

function refuses(group: string, { name }: Exchange): boolean {
  const { answer } = recorded(group, name);
  return typeof answer === "object" && answer.status.includes(" 403 ");
}

/** A finding in a header is not one of the address. */
function holdsHeader({ send = "" }: Exchange): boolean {
  return holdsKey(fill(headOf(send).split("\r\n").slice(1).join("\n"), {}));
}

function targetOf({ send = "" }: Exchange): string {
  return fill(send.split(" ")[1] ?? "", {});
}

function pathOf(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/]*/i, "");
}

function headOf(send: string): string {
  return send.slice(0, send.indexOf("\r\n\r\n"));
}

function bodyOf({ send = "" }: Exchange): string {
  return fill(send.slice(send.indexOf("\r\n\r\n") + 4), {});
}

function typeOf({ send = "" }: Exchange): string | undefined {
  return /^content-type: *(.*)$/im.exec(headOf(send))?.[1]?.trim();
}
