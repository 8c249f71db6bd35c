// The campaign the page is in: loaded once per visit, watched by navigation and screens.

import * as api from "./api.js";
import { user } from "./session.js";
import { store } from "./store.js";

/** @type {ReturnType<typeof store<any>>} */
export const campaign = store(null);

const MASTERS = ["owner", "cogm"];

/** The campaign of an address; the known one while it is the same. @param {string} id @param {AbortSignal} [signal] */
export async function enter(id, signal) {
  const known = campaign.get();
  return known?.campaign_id === id ? known : reload(id, signal);
}

/** Reads the campaign again, after a change. @param {string} id @param {AbortSignal} [signal] */
export async function reload(id, signal) {
  const { data, headers } = await api.ask("GET", `/api/campaigns/${encodeURIComponent(id)}`, { signal });
  const loaded = { ...data, etag: headers.get("ETag") };
  campaign.set(loaded);
  return loaded;
}

/** No campaign is open any more. */
export const leave = () => campaign.set(null);

/** Whether the person may change this campaign. @param {any} one */
export const isMaster = (one) => Boolean(one) && (MASTERS.includes(one.my_role) || user.get()?.role === "admin");
