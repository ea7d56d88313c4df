/**
 * Looks through the body of an API call as it passes. Some fields have the API's own servers fetch an address, run code or talk to
 * a server of the asker's choice: with what the agent knows put into that address, a way out past the allowlist. Claude Code uses none.
 */
import { Transform } from "node:stream";
import { JsonReader, NotJson } from "./json-reader.ts";
import type { JsonParts } from "./json-reader.ts";

/** Why a body is not passed on, as a clause. */
export class BodyRefusal extends Error {}

/** Servers that the API shall use, and a machine of its own that outlives the call */
const refusedFields: ReadonlySet<string> = new Set(["container", "mcp_servers"]);
/**
 * Tools that claude runs itself, in the bottle, and those of the API that reach nothing of the asker's choice; `web_search` and `advisor`
 * are what Claude Code uses (2.1.330). Left out are `web_fetch`, `code_execution`, `mcp_toolset` and whatever comes next.
 */
const allowedTools =
  /^(?:custom|(?:advisor|bash|computer|memory|text_editor|tool_search_tool(?:_[a-z0-9]+)?|web_search)_\d{8})$/;
/** Where the content of an image or a document is. Left out: `url`, which is fetched, and `file`, which was stored by another call */
const allowedSources: ReadonlySet<string> = new Set(["base64", "content", "text"]);
const refusedSourceFields: ReadonlySet<string> = new Set(["file_id", "url"]);
/** What a tool was asked, and what it takes: any JSON, which the API hands on and does not read */
const freeFields: ReadonlySet<string> = new Set(["input", "input_schema"]);
/** Where content blocks are; everything else but `tools` is settings */
const contentFields: ReadonlySet<string> = new Set(["messages", "system"]);

/** `free`: nothing in it is looked at */
type Place = "root" | "tools" | "tool" | "content" | "source" | "free";

interface Frame {
  readonly place: Place;
  /** The last one of an object */
  key: string;
}

/** Takes the parts of a body and throws a `BodyRefusal` for what is not passed on. */
class BodyRules implements JsonParts {
  readonly #frames: Frame[] = [];

  open(kind: "object" | "array"): void {
    this.#frames.push({ place: this.#placeOf(kind), key: "" });
  }

  close(): void {
    this.#frames.pop();
  }

  key(name: string): void {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    frame.key = name;
    const folded = name.toLowerCase();
    if (frame.place === "root" && refusedFields.has(folded))
      throw new BodyRefusal(`"${folded}" would have the API's servers work elsewhere`);
    if (frame.place === "source" && refusedSourceFields.has(folded))
      throw new BodyRefusal(`a source with "${folded}" would have the API's servers fetch it`);
  }

  text(value: string | undefined): void {
    const frame = this.#frames.at(-1);
    if (frame?.key.toLowerCase() !== "type") return;
    if (frame.place === "tool" && !allowedTools.test(value ?? ""))
      throw new BodyRefusal("a tool of this type would have the API's servers reach elsewhere");
    if (frame.place === "source" && !allowedSources.has(value ?? ""))
      throw new BodyRefusal("a source of this type would have the API's servers fetch it");
  }

  #placeOf(kind: "object" | "array"): Place {
    const parent = this.#frames.at(-1);
    if (!parent) return "root";
    const folded = parent.key.toLowerCase();
    switch (parent.place) {
      case "root":
        if (folded === "tools") return "tools";
        return contentFields.has(folded) ? "content" : "free";
      case "tools":
        return "tool";
      case "content":
      case "source":
        if (freeFields.has(parent.key)) return "free";
        return folded === "source" && kind === "object" ? "source" : "content";
      case "tool":
      case "free":
        return "free";
    }
  }
}

/**
 * Passes a body on piece by piece, each one after it was looked at, and ends with a `BodyRefusal` before what is refused has gone: what
 * went before is a beginning that no JSON parser takes.
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
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      const problem = look(() => reader.push(chunk));
      if (problem) callback(problem);
      else callback(null, chunk);
    },
    flush(callback) {
      callback(look(() => reader.end()));
    },
  });
}
