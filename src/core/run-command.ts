/** A command that is run beside a program and heard to its end: what is asked for, and what comes of it. */

export interface RunOptions {
  /** Seen by everybody who can list processes or watch the platform; nothing secret */
  readonly command: readonly string[];
  /** In place of the program's own, as `uid:gid` */
  readonly user?: string;
  readonly workingDir?: string;
  /** The command's whole standard input; the one way for a secret, since a platform may write its environment to a file */
  readonly input?: string | Uint8Array;
  /**
   * For both outputs together; more is an error. Every program of the same user in the container can write where the command does, so
   * where an agent runs beside it neither this nor its end is the command's to say.
   */
  readonly maxOutputBytes?: number;
  /** Ends the waiting; the command itself goes on */
  readonly signal?: AbortSignal;
}

/** A command that cannot be found has an exit code of 126 or 127. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
