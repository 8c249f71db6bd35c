// The one live connection of this page: subscriptions survive a broken line, and nothing is sent before the token.

import { accessToken, onToken, refresh } from "./session.js";
import { store } from "./store.js";

/** "off" | "connecting" | "live" | "waiting" */
export const state = store("off");
/** The newest log position the server has told of. */
export const head = store(0);

/** @typedef {{topic: string, filters?: Record<string, any>, from?: number, listener: (message: any) => void}} Subscription */

/** @type {Set<Subscription>} */
const subscriptions = new Set();
/** @type {WebSocket | null} */
let socket = null;
let attempts = 0;
let timer = 0;
/** Topics whose line stood and broke: something may have been missed. @type {Set<string>} */
const broken = new Set();

onToken((token) => {
  if (socket && state.get() === "live") tell({ type: "token", token });
});

/**
 * Listens to a topic ("feed", "campaign:<id>", "chat:<campaign>", "health") until the signal aborts.
 *
 * @param {string} topic
 * @param {(message: any) => void} listener gets `{type: "events" | "lagging" | "chat" | "problem", …}`; "lagging" says
 *   that something was missed, because too much came or the line had broken
 * @param {{signal?: AbortSignal, filters?: Record<string, any>}} [options]
 * @returns {() => void} ends it
 */
export function subscribe(topic, listener, options = {}) {
  const subscription = { topic, filters: options.filters, listener };
  subscriptions.add(subscription);
  if (state.get() === "live") ask(subscription);
  else connect();
  const end = () => {
    if (!subscriptions.delete(subscription)) return;
    if ([...subscriptions].some((other) => other.topic === topic)) return;
    broken.delete(topic);
    if (state.get() === "live") tell({ type: "unsubscribe", topic });
  };
  options.signal?.addEventListener("abort", end);
  return end;
}

/** Says something to the server, once the line stands. @param {any} message @returns {boolean} whether it went out */
export function tell(message) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

const ask = (subscription) =>
  tell({
    type: "subscribe",
    topic: subscription.topic,
    ...(subscription.filters ? { filters: subscription.filters } : {}),
  });

/** Opens the line when somebody listens and somebody is signed in. */
export function connect() {
  if (socket || !subscriptions.size || !accessToken()) return;
  state.set("connecting");
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/ws`);
  socket = opened;
  opened.addEventListener("open", () => tell({ type: "hello", token: accessToken() }));
  opened.addEventListener("message", (event) => heard(JSON.parse(event.data)));
  opened.addEventListener("close", (event) => closed(opened, event.code));
}

function heard(message) {
  if (message.head > head.get()) head.set(message.head);
  if (message.type === "welcome") {
    attempts = 0;
    state.set("live");
    for (const subscription of subscriptions) ask(subscription);
  } else if (message.type === "ping") tell({ type: "pong" });
  else {
    // Heard again after a gap: from here on nothing is missed, so whoever listens reads again by REST now.
    const gap = message.type === "subscribed" && broken.delete(message.topic);
    tellListeners(gap ? { ...message, type: "lagging" } : message);
  }
}

function tellListeners(message) {
  for (const { topic, listener } of [...subscriptions])
    if (!message.topic || message.topic === topic) listener(message);
}

async function closed(which, code) {
  if (socket !== which) return;
  const lived = state.get() === "live";
  socket = null;
  clearTimeout(timer);
  if (!accessToken()) return state.set("off");
  state.set("waiting");
  attempts += 1;
  if (lived) for (const { topic } of subscriptions) broken.add(topic);
  // Where the server cannot say now whether the session goes on, the next attempt asks again.
  if (code === 4401 && !(await refresh().catch(() => true))) return state.set("off");
  clearTimeout(timer);
  timer = setTimeout(connect, Math.min(30_000, 500 * 2 ** attempts) * (0.5 + Math.random() / 2));
}

/** Ends the line (at sign-out). */
export function disconnect() {
  clearTimeout(timer);
  const open = socket;
  socket = null;
  open?.close(1000);
  state.set("off");
}
