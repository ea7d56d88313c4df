/** The agent's home folder, in every bottle. */
export const bottleHome = "/home/node";
/** The name that Claude gives to what it keeps of the workspace of a bottle */
export const bottleProject = "-home-node-workspace";
