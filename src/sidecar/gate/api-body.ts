/**
 * Looks through the body of an API call as it passes. Some fields have the API's own servers fetch an address, run code or talk to
 * a server of the asker's choice: with what the agent knows put into that address, a way out past the allowlist. So only what is known passes (`api-vocabulary.ts`).
 */
import { Transform } from "node:stream";
import { quote } from "../../core/text.ts";
import {
  contentTypes,
  fallbackFields,
  outcomeTypes,
  rootFields,
  sourceFields,
  sourceTypes,
  toolMentions,
  toolTypes,
} from "./api-vocabulary.ts";
import { JsonReader, NotJson } from "./json-reader.ts";
import type { JsonParts } from "./json-reader.ts";

/** Why a body is not passed on, as a clause. */
export class BodyRefusal extends Error {}

/** What a tool was asked, and what it takes: any JSON, which the API hands on and does not read */
const freeFields: ReadonlySet<string> = new Set(["input", "input_schema"]);

/**
 * Where something stands. `blocks`: a list of content. `mention`: what names a tool within content. `part`: anything else within
 * content. `free`: nothing in it is looked at
 */
type Place =
  | "root"
  | "messages"
  | "message"
  | "blocks"
  | "block"
  | "part"
  | "outcome"
  | "source"
  | "mention"
  | "tools"
  | "tool"
  | "fallbacks"
  | "fallback"
  | "free";

interface Frame {
  readonly place: Place;
  /** The last one of an object, as the API may read it in any spelling */
  key: string;
}

const fields: Partial<Record<Place, ReadonlySet<string>>> = {
  root: rootFields,
  fallback: fallbackFields,
  source: sourceFields,
};
const types: Partial<Record<Place, (type: string) => boolean>> = {
  block: (type) => contentTypes.has(type),
  outcome: (type) => outcomeTypes.test(type),
  source: (type) => sourceTypes.has(type),
  mention: (type) => toolMentions.has(type),
  tool: (type) => toolTypes.test(type),
};

/** Takes the parts of a body and throws a `BodyRefusal` for what is not passed on. */
class BodyRules implements JsonParts {
  readonly #frames: Frame[] = [];

  open(kind: "object" | "array"): void {
    if (this.#frames.length > 0) this.#value(undefined);
    this.#frames.push({ place: this.#placeOf(kind), key: "" });
  }

  close(): void {
    this.#frames.pop();
  }

  key(name: string): void {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    frame.key = fold(name);
    if (fields[frame.place]?.has(name) === false)
      throw new BodyRefusal(
        `${renderPlace(frame.place)} has the field ${show(name)}, which is not known here`,
      );
  }

  text(value: string | undefined): void {
    this.#value(value);
  }

  word(): void {
    this.#value(undefined);
  }

  /** `text` is undefined for what is none, or too long to be looked for */
  #value(text: string | undefined): void {
    const frame = this.#frames.at(-1);
    if (!frame) throw new BodyRefusal("it is not an object");
    if (frame.key === "type" && types[frame.place]?.(text ?? "") === false)
      throw new BodyRefusal(
        `${renderPlace(frame.place)} is of the type ${show(text)}, which may have the API's servers reach elsewhere`,
      );
  }

  #placeOf(kind: "object" | "array"): Place {
    const parent = this.#frames.at(-1);
    if (!parent) return expectKind(kind, "object", "root");
    switch (parent.place) {
      case "root":
        return placeInRoot(parent.key, kind);
      case "messages":
        return expectKind(kind, "object", "message");
      case "message":
        return parent.key === "content" ? expectKind(kind, "array", "blocks") : "part";
      case "blocks":
        return expectKind(kind, "object", "block");
      case "block":
      case "part":
      case "outcome":
      case "source":
        return placeInContent(parent, kind);
      case "mention":
        return parent.key === "definition"
          ? expectKind(kind, "object", "tool")
          : placeInContent(parent, kind);
      case "tools":
        return expectKind(kind, "object", "tool");
      case "fallbacks":
        return expectKind(kind, "object", "fallback");
      case "tool":
      case "fallback":
      case "free":
        return "free";
    }
  }
}

function placeInRoot(key: string, kind: "object" | "array"): Place {
  if (key === "messages" || key === "tools" || key === "fallbacks") return expectKind(kind, "array", key);
  return key === "system" ? expectKind(kind, "array", "blocks") : "free";
}

function placeInContent({ place, key }: Frame, kind: "object" | "array"): Place {
  if (place === "block" && freeFields.has(key)) return "free";
  if (key === "source") return expectKind(kind, "object", "source");
  if (key === "tool") return expectKind(kind, "object", "mention");
  if (key === "definition") return expectKind(kind, "object", "tool");
  if (key === "tools") return expectKind(kind, "array", "tools");
  if (key !== "content") return "part";
  return kind === "array" ? "blocks" : "outcome";
}

/** A list where the API has an object, or the other way round, is nothing that anybody has looked at. */
function expectKind<P extends Place>(kind: string, wanted: "object" | "array", place: P): P {
  if (kind !== wanted)
    throw new BodyRefusal(`${renderPlace(place)} is not ${wanted === "array" ? "a list" : "an object"}`);
  return place;
}

/** So that `ſource` and `SOURCE` are what the most forgiving reader takes them for. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}

const names: Partial<Record<Place, string>> = {
  root: "it",
  block: "a block of content",
  blocks: "content",
  outcome: "a result",
  source: "a source",
  mention: "a tool that is added",
  fallback: "a fallback",
};

function renderPlace(place: Place): string {
  return names[place] ?? (place.endsWith("s") ? `the list of ${place}` : `a ${place}`);
}

function show(value: string | undefined): string {
  return quote(value ?? "(none)", 60);
}

/**
 * Passes a body on piece by piece, each one after it was looked at, and ends with a `BodyRefusal` before what is refused has gone: what
 * went before is a beginning that no JSON parser takes. The piece that ends the body therefore waits for what comes after it.
 */
export function makeBodyGuard(): Transform {
  const reader = new JsonReader(new BodyRules());
  const look = (act: () => void): Error | null => {
    try {
      act();
      return null;
    } catch (error) {
      if (error instanceof NotJson) return new BodyRefusal(`its body cannot be read: ${error.message}`);
      return error as Error;
    }
  };
  const last: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      const problem = look(() => reader.push(chunk));
      if (problem) return callback(problem);
      if (!reader.isWhole) return callback(null, chunk);
      last.push(chunk);
      callback();
    },
    flush(callback) {
      const problem = look(() => reader.end());
      if (problem) callback(problem);
      else callback(null, Buffer.concat(last));
    },
  });
}
