/**
 * The network of a build, by the name that all builders know it by: the engine's default one, which is a bridge. It has no gate:
 * packages have to be fetched. A builder that gets no name may have another one of its own.
 */
export const buildNetwork = "default";
