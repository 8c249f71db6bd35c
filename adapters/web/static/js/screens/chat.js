// The assistant: a conversation about the campaign, with what it used, what it proposes and what it cost.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { message } from "../elements/chat-message.js";
import { menuButton } from "../elements/gm-menu.js";
import { t } from "../i18n.js";
import { subscribe } from "../socket.js";
import { explain, failure, skeleton } from "../states.js";

const PAGE = 30;

/** @param {import("../view.js").View} view */
export async function show(view) {
  const { campaign } = view;
  const list = h("ol", { class: "talk", "aria-label": t("chat.title") });
  const spoken = h("p", { class: "visually-hidden", role: "status" });
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "textarea chat-input", rows: 2, maxlength: 4000, "aria-label": t("chat.input"), placeholder: t("chat.placeholder"), on: { keydown: (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && (event.preventDefault(), send()) } }));
  const button = h("button", { class: "button button--primary", type: "button", on: { click: () => (waiting ? stop() : send()) } });
  let chatId = null;
  /** @type {AbortController | null} */
  let waiting = null;
  /** The answer that is being written: its place and text so far. */
  let pending = null;

  const label = () => fill(button, icon(waiting ? "stop" : "send"), t(waiting ? "chat.stop" : "chat.send"));
  const add = (one) => {
    const node = message(one, { campaign, retry: (text) => send(text), edit: (text) => ((area.value = text), area.focus()) });
    list.append(node);
    return node;
  };
  const toEnd = () => list.lastElementChild?.scrollIntoView({ block: "end" });

  subscribe(
    `chat:${campaign.campaign_id}`,
    (event) => {
      if (event.type !== "chat" || !pending || (event.chat_id && chatId && event.chat_id !== chatId)) return;
      if (event.text != null) {
        pending.text = event.whole ? event.text : pending.text + event.text;
        fill(pending.place, pending.text);
        toEnd();
      }
    },
    { signal: view.signal },
  );

  async function send(text = area.value.trim()) {
    if (!text || waiting) return;
    waiting = new AbortController();
    label();
    if (text === area.value.trim()) area.value = "";
    add({ role: "user", text, at: new Date().toISOString() });
    const draft = add({ role: "assistant", text: "", pending: true });
    pending = { text: "", place: draft.querySelector(".talk-text") };
    toEnd();
    try {
      const answer = await api.post("/api/chat", { campaign_id: campaign.campaign_id, message: text, chat_id: chatId, stream: true }, { signal: waiting.signal });
      chatId = answer.chat_id ?? chatId;
      const done = message({ role: "assistant", ...answer }, { campaign, retry: () => send(text), edit: () => ((area.value = text), area.focus()) });
      draft.replaceWith(done);
      spoken.textContent = t("chat.answered");
    } catch (error) {
      const stopped = error?.name === "AbortError";
      if (!stopped) spoken.textContent = explain(error);
      draft.replaceWith(h("li", { class: "talk-item" }, stopped ? h("p", { class: "faint" }, t("chat.stopped")) : failure(error, () => send(text))));
      if (!area.value) area.value = text;
    } finally {
      waiting = null;
      pending = null;
      label();
      toEnd();
    }
  }

  function stop() {
    waiting?.abort();
  }

  label();
  view.title(t("chat.title"));
  const commands = ["who", "recap", "idea", "rules"];
  view.render(
    h(
      "div",
      { class: "page chat" },
      h("header", { class: "page-head" }, h("div", { class: "page-title" }, h("h1", null, t("chat.title")), h("p", { class: "lead" }, t("chat.lead")))),
      list,
      spoken,
      h("div", { class: "chat-box" }, area, h("div", { class: "spread" }, menuButton({ label: t("chat.starters"), icon: "spark", text: t("chat.starters"), items: () => commands.map((one) => ({ label: t(`chat.starter.${one}`), icon: "chat", run: () => ((area.value = t(`chat.starter.${one}`)), area.focus()) })) }), h("span", { class: "hint grow wide-only" }, t("chat.hint")), button)),
    ),
  );
  fill(list, h("li", null, skeleton(4)));
  try {
    const { items, next } = await api.get(`/api/chat/history/${encodeURIComponent(campaign.campaign_id)}`, { signal: view.signal, query: { limit: PAGE } });
    fill(list);
    chatId = items.find((one) => one.chat_id)?.chat_id ?? null;
    if (next) list.append(h("li", { class: "talk-more" }, h("button", { class: "button button--quiet", type: "button", on: { click: (event) => older(next, event.target) } }, t("chat.older"))));
    for (const one of ordered(items)) add(one);
    if (!items.length) list.append(h("li", { class: "talk-none" }, h("p", { class: "lead" }, t("chat.none")), h("div", { class: "chips" }, commands.map((one) => h("button", { class: "chip", type: "button", on: { click: () => send(t(`chat.starter.${one}`)) } }, t(`chat.starter.${one}`))))));
    toEnd();
  } catch (error) {
    if (!view.signal.aborted) fill(list, h("li", null, failure(error, view.reload)));
  }

  async function older(cursor, place) {
    const { items, next } = await api.get(`/api/chat/history/${encodeURIComponent(campaign.campaign_id)}`, { signal: view.signal, query: { limit: PAGE, cursor } });
    const item = place.closest("li");
    item.after(...ordered(items).map((one) => message(one, { campaign, retry: send, edit: (text) => ((area.value = text), area.focus()) })));
    if (next) place.onclick = () => older(next, place);
    else item.remove();
  }
}

/** History comes newest first; a conversation is read from the top. */
const ordered = (items) => (items.length > 1 && (items[0].position ?? 0) > (items[items.length - 1].position ?? 0) ? [...items].reverse() : items);
