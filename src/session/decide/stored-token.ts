/** A token that is in no variable: in the system's keychain, or printed by a command of the user's. Taken after the yes, like every secret. */
import { forgetLogin, hasLogin, noteLogin } from "../../host/login-note.ts";
import { stateFolder } from "../../host/state.ts";
import { openTokenStore, runTokenCommand } from "../../host/token-store.ts";
import type { World } from "../../host/world.ts";
import type { TokenOrigin } from "../../plan/plan.ts";
import { placeToken } from "./token.ts";

/** Where a token would come from; undefined if nowhere. Neither keychain nor command is asked. */
export async function findTokenOrigin(world: World): Promise<TokenOrigin | undefined> {
  if (world.env["CLAUDE_BOTTLE_TOKEN_COMMAND"]?.trim()) return "command";
  return (await hasLogin(stateFolder(world))) ? "keychain" : undefined;
}

/** The environment with that token, for this process alone. Throws without naming any part of what is no token. */
export async function takeStoredToken(world: World, origin: TokenOrigin): Promise<World["env"]> {
  const text =
    origin === "command"
      ? await runTokenCommand(world, world.env["CLAUDE_BOTTLE_TOKEN_COMMAND"] ?? "")
      : await openTokenStore(world).read();
  return placeToken(
    world.env,
    text,
    origin === "command" ? "what CLAUDE_BOTTLE_TOKEN_COMMAND prints" : "what the keychain holds",
  );
}

/** Puts a token into the keychain. Gives the keychain's name. */
export async function keepToken(world: World, token: string): Promise<string> {
  placeToken({}, token, "the token");
  const store = openTokenStore(world);
  await store.store(token.trim());
  await noteLogin(stateFolder(world));
  return store.name;
}

/** Takes it out again; one that is not there is fine. */
export async function forgetToken(world: World): Promise<void> {
  await forgetLogin(stateFolder(world));
  await openTokenStore(world).forget();
}
