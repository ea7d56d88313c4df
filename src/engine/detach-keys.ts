/** Keys for `detachKeys` of an attach or an exec that nobody types: the engine's default withholds a lone Ctrl-P until the next key. */
export const untypedDetachKeys = "ctrl-^,ctrl-],ctrl-^,ctrl-]";
