// The assistant: a conversation about the campaign, with what it used, what it proposes and what it cost.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { message } from "../elements/chat-message.js";
import { menuButton } from "../elements/gm-menu.js";
import { toastProblem } from "../elements/gm-toast.js";
import { t } from "../i18n.js";
import { subscribe } from "../socket.js";
import { explain, failure, skeleton } from "../states.js";

const PAGE = 30;
/** How long after a question its answer may still be under way. */
const UNDER_WAY = 5 * 60_000;

const fresh = () =>
  crypto.getRandomValues(new Uint32Array(4)).reduce((made, part) => made + part.toString(16).padStart(8, "0"), "");

/** @param {import("../view.js").View} view */
export async function show(view) {
  const { campaign } = view;
  const watches = campaign.my_role === "observer";
  const list = h("ol", { class: "talk", "aria-label": t("chat.title") });
  const spoken = h("p", { class: "visually-hidden", role: "status" });
  const area = /** @type {HTMLTextAreaElement} */ (
    h("textarea", {
      class: "textarea chat-input",
      rows: 2,
      maxlength: 4000,
      "aria-label": t("chat.input"),
      placeholder: t("chat.placeholder"),
      on: {
        keydown: (event) =>
          event.key === "Enter" && !event.shiftKey && !event.isComposing && (event.preventDefault(), send()),
      },
    })
  );
  const button = h("button", {
    class: "button button--primary",
    type: "button",
    on: { click: () => (pending ? stop() : send()) },
  });
  /**
   * What is waited for: its id, its place, its text so far; `again` is how to ask once more for what another visit of this
   * page had asked.
   *
   * @type {{id: string, place: Element | null, text: string, draft: Element, again?: () => void} | null}
   */
  let pending = null;
  /** Answers that were told of before the page knew that it waits for them. @type {Map<string, any>} */
  const done = new Map();
  let asked = "";
  /** Questions this page asked: they stand on it already. @type {Set<string>} */
  const sent = new Set();

  const label = () => fill(button, icon(pending ? "stop" : "send"), t(pending ? "chat.stop" : "chat.send"));
  const shown = (one) => {
    if (one.role === "user") asked = one.text;
    const before = asked;
    return message(one, { campaign, retry: () => send(before), edit: (text) => ((area.value = text), area.focus()) });
  };
  const add = (one) => {
    const node = shown(one);
    list.append(node);
    return node;
  };
  const toEnd = () => list.lastElementChild?.scrollIntoView({ block: "end" });

  subscribe(
    `chat:${campaign.campaign_id}`,
    (event) => {
      if (event.type !== "chat") return;
      if (event.done) done.set(event.message_id, event.done);
      if (event.message_id !== pending?.id) return;
      if (event.done && pending.again) return settle(shown(event.done));
      if (event.text == null) return;
      pending.text += event.text;
      if (pending.place) fill(pending.place, pending.text);
      toEnd();
    },
    { signal: view.signal },
  );

  /** Asks; the same `id` asks the same question again and gets the first answer, should there be one by now. */
  async function send(text = area.value.trim(), id = fresh()) {
    if (!text || pending) return;
    if (text === area.value.trim()) area.value = "";
    sent.add(id);
    list.querySelector(".talk-none")?.remove();
    const question = add({ role: "user", text, at: new Date().toISOString() });
    const draft = add({ role: "assistant", text: "", pending: true });
    pending = { id, text: "", place: draft.querySelector(".talk-text"), draft };
    label();
    toEnd();
    try {
      const answer = await api.post(
        "/api/chat",
        { campaign_id: campaign.campaign_id, message: text, message_id: id },
        { signal: view.signal },
      );
      asked = text;
      draft.replaceWith(shown(answer));
      spoken.textContent = t("chat.answered");
    } catch (error) {
      if (view.signal.aborted) return;
      const stopped = error.code === "stopped";
      spoken.textContent = stopped ? t("chat.stopped") : explain(error);
      const again = () => {
        if (pending) return;
        question.remove();
        failed.remove();
        // Where nobody answered, it may have been asked all the same.
        send(text, error.status === 0 || error.status >= 500 ? id : fresh());
      };
      const failed = h(
        "li",
        { class: "talk-item" },
        stopped ? h("p", { class: "faint" }, t("chat.stopped")) : failure(error, again),
      );
      draft.replaceWith(failed);
      if (!area.value) area.value = text;
    } finally {
      pending = null;
      label();
      toEnd();
    }
  }

  /** Waits on for the answer to a question that was asked before this page was loaded. */
  function waitOn(one) {
    const early = done.get(one.message_id);
    if (early) return void add(early);
    const question = list.lastElementChild;
    const draft = add({ role: "assistant", text: "", pending: true });
    const again = () => (question?.remove(), send(one.text, one.message_id));
    pending = { id: one.message_id, text: "", place: draft.querySelector(".talk-text"), draft, again };
    label();
  }

  function settle(node) {
    pending?.draft.replaceWith(node);
    pending = null;
    spoken.textContent = t("chat.answered");
    label();
    toEnd();
  }

  async function stop() {
    const waiting = pending;
    try {
      const { stopped } = await api.post("/api/chat/stop", {
        campaign_id: campaign.campaign_id,
        message_id: waiting?.id,
      });
      if (!waiting?.again || waiting !== pending) return;
      const again = () => (place.remove(), waiting.again?.());
      const place = h(
        "li",
        { class: "talk-item" },
        h("p", { class: "faint" }, t(stopped ? "chat.stopped" : "chat.noAnswer")),
        !stopped && h("button", { class: "button", type: "button", on: { click: again } }, t("states.again")),
      );
      settle(place);
    } catch (error) {
      toastProblem(error);
    }
  }

  label();
  view.title(t("chat.title"));
  const commands = view.master ? ["who", "recap", "idea", "rules"] : ["recap", "rules"];
  view.render(
    h(
      "div",
      { class: "page chat" },
      h(
        "header",
        { class: "page-head" },
        h(
          "div",
          { class: "page-title" },
          h("h1", null, t("chat.title")),
          h("p", { class: "lead" }, t(view.master ? "chat.lead" : "chat.leadPlayer")),
        ),
      ),
      list,
      spoken,
      !watches &&
        h(
          "div",
          { class: "chat-box" },
          area,
          h(
            "div",
            { class: "spread" },
            menuButton({
              label: t("chat.starters"),
              icon: "spark",
              text: t("chat.starters"),
              items: () =>
                commands.map((one) => ({
                  label: t(`chat.starter.${one}`),
                  icon: "chat",
                  run: () => ((area.value = t(`chat.starter.${one}`)), area.focus()),
                })),
            }),
            h("span", { class: "hint grow wide-only" }, t("chat.hint")),
            button,
          ),
        ),
    ),
  );
  const loading = h("li", null, skeleton(4));
  list.append(loading);
  try {
    const { items, next } = await api.get(`/api/chat/history/${encodeURIComponent(campaign.campaign_id)}`, {
      signal: view.signal,
      query: { limit: PAGE },
    });
    // What was asked meanwhile stands below.
    if (next) loading.before(h("li", { class: "talk-more" }, olderButton(next)));
    loading.before(...[...items].reverse().filter((one) => !sent.has(one.message_id)).map(shown));
    loading.remove();
    const [last] = items;
    if (last?.role === "user" && !pending && !sent.has(last.message_id) && Date.now() - Date.parse(last.at) < UNDER_WAY)
      waitOn(last);
    if (!list.childElementCount)
      list.append(
        h(
          "li",
          { class: "talk-none" },
          h("p", { class: "lead" }, t(watches ? "chat.observer" : "chat.none")),
          !watches && h(
            "div",
            { class: "chips" },
            commands.map((one) =>
              h(
                "button",
                { class: "chip", type: "button", on: { click: () => send(t(`chat.starter.${one}`)) } },
                t(`chat.starter.${one}`),
              ),
            ),
          ),
        ),
      );
    toEnd();
  } catch (error) {
    if (!view.signal.aborted) fill(loading, failure(error, view.reload));
  }

  function olderButton(next) {
    const place = h("button", { class: "button button--quiet", type: "button" }, t("chat.older"));
    place.onclick = () => older(next, place);
    return place;
  }

  async function older(cursor, place) {
    const { items, next } = await api.get(`/api/chat/history/${encodeURIComponent(campaign.campaign_id)}`, {
      signal: view.signal,
      query: { limit: PAGE, cursor },
    });
    place.closest("li").after(...[...items].reverse().map(shown));
    if (next) place.onclick = () => older(next, place);
    else place.closest("li").remove();
  }
}
