/** Looks at the parts of one request and says where in it something was found. */
import { matchesHostPattern } from "../../core/host-name.ts";
import { credentialHeaders } from "./bound-headers.ts";
import type { Header } from "./bound-headers.ts";
import { listCodings, openWhole } from "./inspect/decode.ts";
import { listBodyFields, listPairs, listSegments } from "./inspect/fields.ts";
import type { Field } from "./inspect/fields.ts";
import type { Finding, Looker } from "./inspect/looker.ts";
import type { Coverage } from "./inspect/own-secrets.ts";

/** A finding in a request. */
export interface Located extends Finding {
  /** `header x-key`, `query key`, `path`, `body $.a.b`; hostile when printed */
  readonly where: string;
}

export interface RequestHead {
  readonly host: string;
  readonly method: string;
  /** Path and query as sent */
  readonly path: string;
  readonly headers: readonly Header[];
}

/** What the look at one request shares with the others to its host. */
export interface LookContext {
  readonly looker: Looker;
  readonly coverage: Coverage;
}

/** What reads across it is nothing */
const gap = "\0\n\0";

/** In everything but the body. Where something is, is looked for only if it is anywhere: most requests hold nothing. */
export function lookAtHead(context: LookContext, head: RequestHead): Located[] {
  const { looker, coverage } = context;
  const lines = head.headers.map(([name, value]) => `${name}: ${value}`);
  const all = Buffer.from([head.method, ...head.path.split("?"), ...lines].join(gap), "latin1");
  const isQuick = all.length <= looker.shortText && looker.look(all, coverage).length === 0;
  const [path = "", ...rest] = head.path.split("?");
  const pairs = listPairs(rest.join("?"));
  const found = isQuick ? [] : lookAtParts(context, head, pairs);
  const joined = [listSegments(path), pairs, head.headers.map(([name, value]) => ({ name, value }))];
  const where = ["path", "query", "headers"];
  const together = joined.flatMap((fields, index) =>
    lookJoined(context, fields, `${where[index] ?? ""}, put together`),
  );
  return withNew(found, together);
}

function lookAtParts(
  { looker, coverage }: LookContext,
  head: RequestHead,
  pairs: readonly Field[],
): Located[] {
  const look = (text: string, where: string) =>
    looker.look(Buffer.from(text, "latin1"), coverage).map((one): Located => ({ ...one, where }));
  const [path = "", ...rest] = head.path.split("?");
  const inQuery = look(rest.join("?"), "query").map((one) => ({
    ...one,
    where: nameField("query", one, pairs),
  }));
  const inHeaders = head.headers.flatMap(([name, value]) =>
    look(`${name}: ${value}`, `header ${name.toLowerCase()}`).filter(
      (one) => !isAtHome(one, name, head.host),
    ),
  );
  return [...look(head.method, "method"), ...look(path, "path"), ...inQuery, ...inHeaders];
}

/** In a body that is there as a whole: as it came, and opened if it is compressed. Throws a `TooLarge`. */
export function lookAtBody(context: LookContext, body: Buffer, headers: readonly Header[]): Located[] {
  const valuesOf = (wanted: string) =>
    headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
  const codings = listCodings(valuesOf("content-encoding"));
  const opened = codings.length > 0 ? openWhole(body, codings) : undefined;
  const { looker, coverage } = context;
  const fields = listBodyFields(opened ?? body, valuesOf("content-type").join(", "));
  const found = (opened ? [opened, body] : [body])
    .flatMap((bytes) => looker.look(bytes, coverage))
    .map((one) => ({ ...one, where: nameField("body", one, fields) }));
  return withNew(found, lookJoined(context, fields, "body, fields put together"));
}

/** What stands in one place is not told once more for standing among others. */
function withNew(found: readonly Located[], together: readonly Located[]): Located[] {
  return [...found, ...together.filter(({ rule }) => !found.some((one) => one.rule === rule))];
}

function lookJoined({ looker, coverage }: LookContext, fields: readonly Field[], where: string): Located[] {
  const values = fields.map((one) => one.value).filter((value) => value !== "");
  return values.length < 2 ? [] : looker.lookJoined(values, coverage).map((one) => ({ ...one, where }));
}

/** With the name of the field that holds it, where that can be told. */
function nameField(kind: string, { text }: Finding, fields: readonly Field[]): string {
  const field = text === "" ? undefined : fields.find((one) => one.value.includes(text));
  return field === undefined ? kind : `${kind} ${field.name}`;
}

/** In a header that is there for credentials, on its way to whoever handed it out */
function isAtHome({ home }: Finding, name: string, host: string): boolean {
  return credentialHeaders.has(name.toLowerCase()) && home.some((one) => matchesHostPattern(host, one));
}
