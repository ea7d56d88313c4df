/**
 * What the messages of an exec or attach carry: their first byte is a channel. 0 stdin, 1 stdout, 2 stderr, 3 how it ended, as JSON,
 * 4 the terminal's size, and 255, from version 5 on, the channel that is at its end.
 */
import type { Frame } from "../core/byte-stream.ts";
import type { IncomingFrame } from "./web-socket-frames.ts";

export const channels = { input: 0, output: 1, errorOutput: 2, end: 3, size: 4, close: 255 } as const;

/** The newest first. The one before cannot say that the input is at its end. */
export const protocols = { halfClose: "v5.channel.k8s.io", plain: "v4.channel.k8s.io" } as const;

/** How a command ended, by the cluster's account. */
export type CommandEnd =
  | { readonly kind: "exit"; readonly code: number }
  /** It could not be run, or nobody knows how it ended */
  | { readonly kind: "failure"; readonly message: string };

/** Longer than any account of an end */
const maxEndBytes = 64 * 1024;

export interface ChannelReader {
  /** Gives what the program said. */
  read(frame: Extract<IncomingFrame, { readonly kind: "message" }>): Frame | undefined;
  /** Once it has come */
  end(): CommandEnd | undefined;
}

export function makeChannelReader(): ChannelReader {
  let channel: number | undefined;
  let account = "";
  let end: CommandEnd | undefined;
  const decoder = new TextDecoder();
  return {
    read({ data, isFirst, isLast }) {
      if (isFirst) channel = undefined;
      if (channel === undefined && data.length === 0) return undefined;
      const content = channel === undefined ? data.subarray(1) : data;
      channel ??= data[0];
      if (channel === channels.end) {
        if (account.length < maxEndBytes) account += decoder.decode(content, { stream: true });
        if (isLast) end ??= readEnd(account);
        return undefined;
      }
      if (content.length === 0) return undefined;
      if (channel === channels.output) return { stream: "stdout", data: content };
      return channel === channels.errorOutput ? { stream: "stderr", data: content } : undefined;
    },
    end: () => end,
  };
}

interface Status {
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: unknown; readonly message?: unknown }[];
  };
}

/** Success says nothing of an attached program's exit code, and everything of a command's. */
function readEnd(text: string): CommandEnd {
  let status: Status;
  try {
    status = JSON.parse(text) as Status;
  } catch {
    return { kind: "failure", message: text };
  }
  if (status.status === "Success") return { kind: "exit", code: 0 };
  const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (status.reason === "NonZeroExitCode" && /^\d{1,3}$/.test(String(cause)))
    return { kind: "exit", code: Number(cause) };
  return { kind: "failure", message: String(status.message ?? text) };
}
