/** The part of a plan that is about the user's own Claude Code. */
import type { ContentPlan } from "./content-plan.ts";

/** What goes in of the user's own Claude Code; texts and paths are hostile when printed. */
export interface OwnClaudePlan {
  /** Absolute folder on the host */
  readonly folder: string;
  readonly parts: readonly (ContentPlan & {
    readonly kind: "memory" | "command" | "agent" | "style" | "settings";
    readonly name: string;
  })[];
  /** Of the user's settings.json, with paths as they are in the bottle */
  readonly settings: { readonly hooks?: unknown; readonly statusLine?: unknown };
  /** Commands of `settings`, each with what runs it */
  readonly commands: readonly (readonly [by: string, command: string])[];
  readonly plugins: readonly PluginPlan[];
  /** Sentences on what is named and is not there */
  readonly lacks: readonly string[];
  /** Files outside of Claude's folder, `~/…` or absolute, with what names them */
  readonly outside: readonly (readonly [path: string, by: string])[];
  readonly needs: readonly { readonly program: string; readonly by: string }[];
  /** Set if Claude's own memory of the project is carried */
  readonly remember?: RememberPlan | undefined;
}

/** Not what is in it: each session changes that, and it is looked at when it comes back. */
export interface RememberPlan {
  /** Unset where no folder goes in, whose memory it could be */
  readonly memory?:
    | {
        /** Absolute folder on the host */
        readonly folder: string;
        readonly files: number;
        readonly bytes: number;
        /** Relative to the folder; hostile when printed */
        readonly leftOut: readonly string[];
      }
    | undefined;
}

export interface PluginPlan extends ContentPlan {
  /** `name@marketplace` */
  readonly name: string;
  readonly version: string | undefined;
  readonly directory: string;
  /** As of `FilesPlan` */
  readonly leftOut: readonly string[];
  /** It starts MCP servers of its own */
  readonly hasServers: boolean;
}
