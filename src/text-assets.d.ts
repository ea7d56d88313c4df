/** Files that are imported as text (`with { type: "text" }`). */
declare module "*.txt" {
  const text: string;
  export default text;
}
declare module "*.sh" {
  const text: string;
  export default text;
}
declare module "*.Dockerfile" {
  const text: string;
  export default text;
}

declare module "*.pl" {
  const text: string;
  export default text;
}
