// The public API: one place that adds the token, reads its own writes and turns refusals into `Problem`s.

/** What the server refused, as RFC 9457 says it. */
export class Problem extends Error {
  /** @param {number} status @param {Record<string, any>} body `told`: words of the page's own @param {number} [retryAfter] seconds */
  constructor(status, body, retryAfter) {
    super(body.told || body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.title = body.title || "";
    this.field = body.field || null;
    this.code = body.code || null;
    this.body = body;
    this.retryAfter = retryAfter ?? null;
  }
}

/** The newest log position of our own writes: reads wait until the read models have it. */
let position = 0;
/** @type {{token: () => string | null, refresh: () => Promise<boolean>, lost: () => void}} */
let access = { token: () => null, refresh: async () => false, lost: () => {} };

/** The session tells where tokens come from. @param {typeof access} given */
export const provide = (given) => void (access = given);

/** The position of the last write this page made. */
export const written = () => position;

/**
 * @typedef {object} Options
 * @property {Record<string, any>} [query] left out where null or ""
 * @property {any} [body] sent as JSON, or as it is when it is a FormData
 * @property {number | string | null} [version] the version an edit is based on: `If-Match`
 * @property {AbortSignal} [signal]
 * @property {number} [atLeast] the log position the answer has to hold, if that is later than the last write's
 * @property {string} [key] the idempotency key of a POST; a fresh one when left out
 */

/**
 * Asks and returns the answer with its headers.
 *
 * @param {string} method
 * @param {string} path under this origin, e.g. "/api/campaigns"
 * @param {Options} [options]
 * @returns {Promise<{data: any, headers: Headers, status: number}>}
 * @throws {Problem} for every answer of 400 and above, and (status 0) when nobody answers
 */
export async function ask(method, path, options = {}) {
  const key = options.key ?? (method === "POST" ? fresh() : null);
  let answer = await send(method, path, options, key);
  if (answer.status === 401 && !path.startsWith("/api/auth/")) {
    if (await access.refresh()) {
      answer = await send(method, path, options, key);
      if (answer.status === 401) access.lost();
    }
  }
  const moved = Number(answer.headers.get("X-Position"));
  if (moved > position) position = moved;
  if (!answer.ok) throw await problem(answer);
  const json = /json/.test(answer.headers.get("Content-Type") ?? "");
  return { data: json ? await answer.json() : null, headers: answer.headers, status: answer.status };
}

async function send(method, path, options, key) {
  const headers = new Headers({ Accept: "application/json" });
  const token = access.token();
  if (token) headers.set("Authorization", `Bearer ${token}`);
  const least = Math.max(position, options.atLeast ?? 0);
  if (least) headers.set("X-At-Least", String(least));
  if (key) headers.set("Idempotency-Key", key);
  if (options.version != null)
    headers.set("If-Match", /^"/.test(String(options.version)) ? String(options.version) : `"v${options.version}"`);
  let body = options.body;
  if (body !== undefined && !(body instanceof FormData)) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(body);
  }
  try {
    return await fetch(address(path, options.query), {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, { code: "unreachable" });
  }
}

/** A path with its query. @param {string} path @param {Record<string, any>} [query] */
export function address(path, query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value == null || value === "" || value === false) continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text ? `${path}${path.includes("?") ? "&" : "?"}${text}` : path;
}

async function problem(answer) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // A proxy may answer with something else; the status then says enough.
  }
  if (Array.isArray(body.detail)) {
    const first = body.detail[0] ?? {};
    body = { ...body, detail: first.msg, field: (first.loc ?? []).slice(1).join(".") };
  }
  return new Problem(answer.status, body, Number(answer.headers.get("Retry-After")) || undefined);
}

/** A key under which a POST that is sent again is the same. */
export const fresh = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} path @param {Options} [options] */
export const get = async (path, options) => (await ask("GET", path, options)).data;
/** @param {string} path @param {any} [body] @param {Options} [options] */
export const post = async (path, body = {}, options) => (await ask("POST", path, { ...options, body })).data;
/** @param {string} path @param {any} body @param {Options} [options] */
export const put = async (path, body, options) => (await ask("PUT", path, { ...options, body })).data;
/** @param {string} path @param {any} body @param {Options} [options] */
export const patch = async (path, body, options) => (await ask("PATCH", path, { ...options, body })).data;
/** @param {string} path @param {Options} [options] */
export const remove = async (path, options) => (await ask("DELETE", path, options)).data;

/** How often, once a second, a picture that is still being made is asked for again. */
const PATIENCE = 150;

/** A picture as an address this page may show (pictures need the token, which an `<img>` cannot send); one that is being made is waited for. @param {string} path @param {AbortSignal} signal frees it */
export async function picture(path, signal) {
  let answer = await send("GET", path, { signal }, null);
  if (answer.status === 401 && (await access.refresh())) answer = await send("GET", path, { signal }, null);
  for (let tries = 0; !answer.ok; tries += 1) {
    const refusal = await problem(answer);
    if (refusal.code !== "requested" || tries >= PATIENCE) throw refusal;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    signal.throwIfAborted();
    answer = await send("GET", path, { signal }, null);
  }
  const made = URL.createObjectURL(await answer.blob());
  signal.addEventListener("abort", () => URL.revokeObjectURL(made));
  return made;
}
