// The program's arguments, as `infralint.args` gives them.

/** The arguments that list the rules, made of those that start the server; undefined where that cannot be told. */
export function rulesArguments(args: readonly string[]): string[] | undefined {
  const at = args.lastIndexOf("server");
  return at < 0 ? undefined : [...args.slice(0, at), "rules", "--format", "json"];
}

/** A rule as `infralint rules --format json` lists it. */
export interface Rule {
  id: string;
  title: string;
}

/** The rules in the output of `infralint rules --format json`. Throws where it is something else. */
export function parseRules(output: string): Rule[] {
  const document: unknown = JSON.parse(output);
  const listed: unknown = isTable(document) ? document["rules"] : document;
  if (!Array.isArray(listed)) {
    throw new TypeError("no list of rules");
  }
  return listed.filter(isTable).flatMap(({ id, title }) =>
    typeof id === "string" ? [{ id, title: typeof title === "string" ? title : "" }] : [],
  );
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
