/** A recording: what is typed, and where. */
import type { Pty } from "../../../test/support/session/pty.ts";
import { standInToken } from "./stage.ts";

export interface Scene {
  readonly name: string;
  /** For those who cannot see the picture */
  readonly title: string;
  /** Below `/home` */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  play(hand: Hand): Promise<void>;
}

/** Somebody at the keyboard. */
export interface Hand {
  readonly terminal: Pty;
  /** Where the release is that is installed */
  readonly release: string;
  /** Types as people do, and presses Enter */
  type(text: string): Promise<void>;
  /** A command, up to the next prompt */
  command(text: string): Promise<void>;
  /** Reads what is there */
  read(): Promise<void>;
}

export const token = { CLAUDE_BOTTLE_OAUTH_TOKEN: standInToken };
export const claudeReady = "bypass permissions on";
export const sessionTimeoutMs = 90_000;
