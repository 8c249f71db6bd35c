// The read models: how far behind each is, whether it moves, and building it anew.

import * as api from "../api.js";
import { fill, h, icon, s } from "../dom.js";
import { confirmed } from "../elements/gm-dialog.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { number, t } from "../i18n.js";
import { word } from "../log.js";
import { failure } from "../states.js";
import { page } from "../view.js";

const EVERY = 3000;
const KEPT = 60;
const STALLED = 60_000;

/** @param {import("../view.js").View} view */
export async function show(view) {
  /** Lags seen since the screen was opened, by name. @type {Map<string, {at: number, lag: number, position: number}[]>} */
  const seen = new Map();
  const verdicts = new Map();
  const body = h("tbody");
  const head = h("span", { class: "faint" });
  const problem = h("div", { role: "alert" });
  view.render(
    page(
      { title: t("projections.title"), lead: t("projections.lead"), actions: [head], wide: true },
      problem,
      h(
        "div",
        { class: "sheet-box" },
        h(
          "table",
          { class: "sheet" },
          h("caption", { class: "visually-hidden" }, t("projections.title")),
          h("thead", null, h("tr", null, ["name", "state", "position", "lag", "trend", "rows", "hash"].map((name) => h("th", { scope: "col", class: ["position", "lag", "rows"].includes(name) ? "num" : null }, t(`projections.${name}`))), h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, t("projections.actions"))))),
          body,
        ),
      ),
    ),
  );
  const read = async () => {
    try {
      const found = await api.get("/api/projections", { signal: view.signal });
      fill(problem);
      head.textContent = t("projections.head", { n: found.head ?? 0 });
      fill(body, (found.items ?? found.projections ?? found).map((one) => line(one, remember(seen, one), verdicts)));
    } catch (error) {
      if (!view.signal.aborted) fill(problem, failure(error));
    }
  };
  const act = async (event) => {
    const button = event.target.closest("button[data-deed]");
    if (!button) return;
    button.disabled = true;
    await { rebuild, verify }[button.dataset.deed](view, button.dataset.name, verdicts);
    read();
  };
  body.addEventListener("click", act);
  await read();
  const timer = setInterval(() => document.hidden || body.matches(":focus-within button:disabled") || read(), EVERY);
  view.signal.addEventListener("abort", () => clearInterval(timer));
}

function remember(seen, one) {
  const past = seen.get(one.name) ?? [];
  past.push({ at: Date.now(), lag: one.lag, position: one.position });
  if (past.length > KEPT) past.shift();
  seen.set(one.name, past);
  return past;
}

/** Behind, and no step forward in a minute. */
function stalled(past) {
  const last = past.at(-1);
  const since = past.find((each) => each.position === last.position);
  return last.lag > 0 && last.at - since.at >= STALLED;
}

function line(one, past, verdicts) {
  const state = stalled(past) ? "stalled" : (one.state ?? (one.lag > 0 ? "behind" : "live"));
  const tones = { live: "good", ok: "good", current: "good", behind: "warn", rebuilding: "accent", stalled: "bad", failed: "bad" };
  const progress = one.rebuild ?? one.progress;
  const verdict = verdicts.get(one.name);
  const button = (deed, picture) => h("button", { class: "button button--small", type: "button", data: { deed, name: one.name } }, icon(picture), t(`projections.${deed}`));
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("b", null, one.name), " ", h("span", { class: "faint" }, `v${one.version}`)),
    h("td", null, h("span", { class: `badge badge--${tones[state] ?? "warn"}` }, word("projections.states", state)), progress && gauge(progress)),
    h("td", { class: "num" }, number(one.position)),
    h("td", { class: "num" }, number(one.lag)),
    h("td", null, trend(past)),
    h("td", { class: "num" }, one.rows == null ? "–" : number(one.rows)),
    h("td", { class: "mono" }, verdict ? h("span", { class: `badge badge--${verdict.good ? "good" : "bad"}` }, verdict.text) : (one.hash ?? "–").slice(0, 12)),
    h("td", null, h("div", { class: "cluster cluster--end" }, button("verify", "check"), button("rebuild", "refresh"))),
  );
}

function gauge({ done = 0, total = 0, position, head }) {
  const share = total ? done / total : head ? (position ?? 0) / head : 0;
  return h("progress", { class: "gauge", max: 1, "aria-label": t("projections.progress"), value: share });
}

function trend(past) {
  const most = Math.max(1, ...past.map((each) => each.lag));
  const points = past.map((each, i) => `${(i / (KEPT - 1)) * 100} ${19 - (each.lag / most) * 17}`);
  return s("svg", { class: "spark", viewBox: "0 0 100 20", role: "img", "aria-label": t("projections.trendSaid", { n: past.at(-1).lag, most }) }, s("polyline", { points: points.join(" ") }));
}

async function rebuild(view, name, verdicts) {
  if (!(await confirmed({ title: t("projections.rebuildTitle", { name }), text: t("projections.rebuildText"), confirm: t("projections.rebuild") }))) return;
  try {
    verdicts.delete(name);
    await api.post(`/api/projections/${encodeURIComponent(name)}/rebuild`, {}, { signal: view.signal });
    toast(t("projections.rebuilding", { name }));
  } catch (error) {
    toastProblem(error);
  }
}

async function verify(view, name, verdicts) {
  try {
    const found = await api.post(`/api/projections/${encodeURIComponent(name)}/verify`, {}, { signal: view.signal });
    const good = found.same ?? found.matches ?? found.ok ?? found.identical ?? false;
    verdicts.set(name, { good, text: t(good ? "projections.same" : "projections.differs") });
    toast(t(good ? "projections.sameSaid" : "projections.differsSaid", { name }), { tone: good ? "good" : "bad" });
  } catch (error) {
    toastProblem(error);
  }
}
