/** The shape of what a bottle takes of a devcontainer.json. */
import * as v from "valibot";
import { imagePattern, pathText } from "../image-schema.ts";
import { must } from "../rule.ts";
import { isEmptyValue } from "./devcontainer-keys.ts";

const isCommand = (value: unknown): boolean =>
  typeof value === "string" ||
  (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string"));

const isCommands = (value: unknown): boolean =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.values(value).every(isCommand)
    : isCommand(value);

const command = v.optional(
  v.pipe(v.unknown(), v.check(isCommands, must("be a command, a list of words, or an object of these"))),
);

/** As the file has it */
export type Command = string | readonly string[] | Readonly<Record<string, string | readonly string[]>>;

/** Read by hand, since a value that is wrong is never shown */
const values = v.optional(v.record(v.string(), v.unknown()));

/** In the order in which they run */
export const commandKeys = ["onCreateCommand", "updateContentCommand", "postCreateCommand"] as const;
/** What stands below goes over what stands above */
export const envKeys = ["containerEnv", "remoteEnv"] as const;

export const takenSchema = v.strictObject({
  image: v.optional(
    v.pipe(v.string(), v.regex(imagePattern, must("be the name of an image, such as debian:bookworm"))),
  ),
  build: v.optional(
    v.strictObject({
      dockerfile: pathText,
      context: v.optional(pathText),
      args: values,
      target: v.optional(
        v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, must("be the name of a stage"))),
      ),
      cacheFrom: v.optional(v.unknown()),
      options: v.optional(
        v.pipe(
          v.unknown(),
          v.check(isEmptyValue, "holds options of a command line, which could open the build; remove it"),
        ),
      ),
    }),
  ),
  /** Read by hand, for words on each that is refused */
  features: v.optional(v.unknown()),
  containerEnv: values,
  remoteEnv: values,
  onCreateCommand: command,
  updateContentCommand: command,
  postCreateCommand: command,
});

type CommandKey = (typeof commandKeys)[number];

export type Taken = Omit<v.InferOutput<typeof takenSchema>, CommandKey> &
  Readonly<Partial<Record<CommandKey, Command>>>;
