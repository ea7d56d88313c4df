/** What recipes are read with. */
import type { BuildContext } from "../../core/build-context.ts";

export interface RecipeSettings {
  /** `CLAUDE_BOTTLE_BASE_IMAGE` or the default */
  readonly baseImage: string;
  readonly claudeVersion: string;
  /** PEM texts, one certificate each */
  readonly certificates: readonly string[];
  /** Reads the manifest's own Dockerfile */
  readonly readFile: (path: string) => Promise<string>;
  /** Reads the folder that it copies from; both paths are absolute */
  readonly readContext: (request: {
    readonly folder: string;
    readonly dockerfile: string;
  }) => Promise<BuildContext>;
}
