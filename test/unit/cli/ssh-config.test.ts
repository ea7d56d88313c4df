import { expect, test } from "bun:test";
import { renderBlock } from "../../../src/cli/commands/ssh-config.ts";

test("the block for ssh's configuration quotes what stands in it, and forwards nothing", () => {
  expect(renderBlock(["/opt/a b/claude-bottle"], "/home/100%/state/ssh")).toMatchInlineSnapshot(`
    "# Bottles of claude-bottle that run, by their names. "claude-bottle ssh-config" printed this
    Host *.bottle
      User node
      ProxyCommand '/opt/a b/claude-bottle' ssh-stream %h
      UserKnownHostsFile "/home/100%%/state/ssh/%h/known_hosts"
      GlobalKnownHostsFile /dev/null
      StrictHostKeyChecking yes
      UpdateHostKeys no
      IdentityFile "/home/100%%/state/ssh/%h/key"
      IdentitiesOnly yes
      IdentityAgent none
      PreferredAuthentications publickey
      ForwardAgent no
      ForwardX11 no
    "
  `);
});
