/** The agent's home folder, in every bottle. */
export const bottleHome = "/home/node";
