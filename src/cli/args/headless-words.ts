/** Claude's own words for a run without a terminal, from the flags of `claude-bottle run`. */
import { BottleError } from "../../core/error.ts";
import { longestText } from "../../core/exec-limits.ts";
import { quote } from "../../core/text.ts";

const outputFormats = ["text", "json", "stream-json"] as const;

export interface HeadlessFlags {
  readonly prompt: string | undefined;
  readonly outputFormat: string | undefined;
  /** A prompt can come by stdin */
  readonly hasInput: boolean;
  /** Words after `--` */
  readonly rest: readonly string[];
}

/** `-p`, the prompt and the format. Without a prompt claude reads it from stdin, where there must be one. */
export function makeHeadlessWords(flags: HeadlessFlags): string[] {
  const { prompt, outputFormat, rest } = flags;
  if (prompt === undefined && !flags.hasInput)
    throw usage("there is no prompt", 'Pass -p "…", or pipe the prompt in.');
  if (prompt !== undefined && prompt.trim() === "") throw usage("the prompt is empty", 'Pass -p "…".');
  if (Buffer.byteLength(prompt ?? "") > longestText)
    throw usage("the prompt is too long for a command line", "Pipe it in on stdin.");
  return ["--print", ...makeFormat(outputFormat), ...rest, ...(prompt === undefined ? [] : ["--", prompt])];
}

/** claude takes `stream-json` only together with `--verbose`, which then adds nothing to it. */
function makeFormat(format: string | undefined): string[] {
  if (format === undefined) return [];
  if (!(outputFormats as readonly string[]).includes(format)) {
    throw usage(
      `${quote(format)} is not an output format`,
      `Write --output-format=${outputFormats.join(" or =")}.`,
    );
  }
  return ["--output-format", format, ...(format === "stream-json" ? ["--verbose"] : [])];
}

function usage(state: string, hint: string): BottleError {
  return new BottleError({ code: "usage", message: `Cannot run the agent: ${state}`, hint });
}
