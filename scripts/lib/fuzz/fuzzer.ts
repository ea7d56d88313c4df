/** One thing that is tried with input made by chance. */
import type { Picker } from "./picker.ts";

export interface Fuzzer {
  /** One trial; gives what is wrong, with the input. What it throws is wrong too. */
  try(picker: Picker): string | undefined | Promise<string | undefined>;
}
