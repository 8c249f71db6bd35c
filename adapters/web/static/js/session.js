// Who is signed in. The access token lives in this module's memory only; the refresh token is a cookie no script can read.

import * as api from "./api.js";
import { preference, store } from "./store.js";

/** @typedef {{account_id: string, name: string, display?: string, role: string, language?: string}} User */

/** The person who is signed in, or null. */
export const user = store(/** @type {User | null} */ (null));

/** Whether somebody was signed in here: without, there is no cookie to try at the start. */
const been = preference("signed-in", "no");
let token = null;
/** Whose session this page expects to go on, signed out or not; null once he left by himself. @type {string | null} */
let whose = null;
let renewal = 0;
/** @type {Promise<boolean> | null} */
let refreshing = null;
/** @type {Set<(token: string) => void>} */
const renewed = new Set();

/** The access token, for the socket's first message. */
export const accessToken = () => token;

/** Whether the session ended without the person's doing: he may come back. */
export const cutOff = () => !user.get() && whose !== null;

/** Calls `listener` with every new access token. @param {(token: string) => void} listener */
export const onToken = (listener) => void renewed.add(listener);

/** Connects the API to this session, and takes up the one of an earlier visit. Call once. */
export async function start() {
  api.provide({ token: () => token, refresh, lost: forget });
  if (been.get() === "yes") await refresh().catch(() => false);
}

/** @param {string} name @param {string} password @throws {api.Problem} */
export async function signIn(name, password) {
  accept(await api.post("/api/auth/login", { [name.includes("@") ? "email" : "name"]: name, password }));
}

/** Ends the session here and on the server. */
export async function signOut() {
  try {
    await api.post("/api/auth/logout");
  } finally {
    whose = null;
    forget();
  }
}

/**
 * A new access token from the cookie. Tabs take turns: a refresh token works once, and two tabs that use the same one would
 * look like theft.
 *
 * @returns {Promise<boolean>} whether the session goes on; not when somebody else has signed in in another tab meanwhile,
 *   for whom nothing may be done that was wanted before
 * @throws {api.Problem} when the server cannot say now: nobody is signed out because it restarts
 */
export function refresh() {
  refreshing ??= alone(async () => {
    const before = whose;
    try {
      accept(await api.post("/api/auth/refresh"));
      return before === null || before === whose;
    } catch (error) {
      if (error.status !== 401 && error.status !== 403) throw error;
      forget();
      return false;
    }
  }).finally(() => (refreshing = null));
  return refreshing;
}

const alone = (work) => (navigator.locks ? navigator.locks.request("lorestream-refresh", work) : work());

const RENEW_AGAIN = 15_000;

function renew() {
  refresh().catch(() => {
    clearTimeout(renewal);
    renewal = setTimeout(renew, RENEW_AGAIN);
  });
}

function accept(answer) {
  token = answer.access_token;
  been.set("yes");
  clearTimeout(renewal);
  renewal = setTimeout(renew, Math.max(10, (answer.expires_in ?? 600) - 60) * 1000);
  whose = answer.user?.account_id ?? whose;
  if (answer.user && answer.user.account_id !== user.get()?.account_id) user.set(answer.user);
  for (const listener of renewed) listener(token);
}

function forget() {
  token = null;
  been.set("no");
  clearTimeout(renewal);
  user.set(null);
}

/** Whether the person has one of these realm roles (an admin has all). @param {string[] | null | undefined} roles */
export function may(roles) {
  const role = user.get()?.role;
  return !roles || role === "admin" || roles.includes(role ?? "");
}
