// Addresses behind the `#`: which screen they name, with which parameters.

/**
 * @typedef {object} Route
 * @property {any} screen the registry's entry
 * @property {Record<string, string>} params
 * @property {URLSearchParams} query
 * @property {string} path
 */

/**
 * A pattern such as "/c/:campaign/elements/:kind?" or "/world/npc/*id" as a function of a path. `?` makes the last part
 * optional; `*` takes the rest, slashes and all.
 *
 * @param {string} pattern
 * @returns {(path: string) => Record<string, string> | null}
 */
export function matcher(pattern) {
  const names = [];
  const source = pattern.replace(/\/([:*])(\w+)(\?)?/g, (_, sort, name, optional) => {
    names.push(name);
    const part = `/(${sort === "*" ? ".+" : "[^/]+"})`;
    return optional ? `(?:${part})?` : part;
  });
  const expression = new RegExp(`^${source}/?$`);
  return (path) => {
    const match = expression.exec(path);
    if (!match) return null;
    return Object.fromEntries(
      names.map((name, index) => [name, match[index + 1] === undefined ? "" : decoded(match[index + 1])]),
    );
  };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The route an address names, or null.
 *
 * @param {any[]} screens the registry
 * @param {string} hash e.g. "#/c/1/e/2?at=17"
 * @returns {Route | null}
 */
export function resolve(screens, hash) {
  const [path, search = ""] = hash.replace(/^#/, "").split("?", 2);
  for (const screen of screens) {
    screen.matches ??= matcher(screen.path);
    const params = screen.matches(path || "/");
    if (params) return { screen, params, query: new URLSearchParams(search), path };
  }
  return null;
}

/** An address with its parameters encoded. @param {string} pattern e.g. "/c/:campaign/e/:element" @param {Record<string, any>} [params] @param {Record<string, any>} [query] */
export function href(pattern, params = {}, query = {}) {
  const path = pattern.replace(/[:*](\w+)\??/g, (_, name) => encodeURIComponent(params[name] ?? ""));
  const given = new URLSearchParams(
    Object.entries(query)
      .filter(([, value]) => value != null && value !== "")
      .map(([k, v]) => [k, String(v)]),
  );
  return `#${path}${given.size ? `?${given}` : ""}`;
}

/** Goes to an address. @param {string} address with or without "#" @param {{replace?: boolean}} [options] */
export function go(address, options = {}) {
  const hash = address.startsWith("#") ? address : `#${address}`;
  if (options.replace) location.replace(hash);
  else location.hash = hash;
}

/** Changes the query of the present address without leaving the screen. @param {Record<string, any>} changes null removes */
export function setQuery(changes) {
  const [path, search = ""] = location.hash.replace(/^#/, "").split("?", 2);
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value == null || value === "") query.delete(name);
    else query.set(name, String(value));
  }
  history.replaceState(null, "", `#${path}${query.size ? `?${query}` : ""}`);
}
