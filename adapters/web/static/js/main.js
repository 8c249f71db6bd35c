// Starts the application: language, session, layout; then every address shows its screen.

import { campaign, enter, isMaster, leave } from "./campaign.js";
import { fill, h, loadIcons } from "./dom.js";
import { confirmed } from "./elements/gm-dialog.js";
import { toast } from "./elements/gm-toast.js";
import * as i18n from "./i18n.js";
import { crumb, frame, mark } from "./layout.js";
import { go, resolve } from "./router.js";
import { screens } from "./screens.js";
import * as session from "./session.js";
import { listen } from "./shortcuts.js";
import { disconnect } from "./socket.js";
import { empty, failure, skeleton } from "./states.js";

const DEFAULT = "/campaigns";
/** @type {AbortController | null} */
let shown = null;
/** @type {string | null} */
let wanted = null;

/** Whether the screen holds something that is not saved. @type {(() => boolean) | null} */
let unsaved = null;

/** After the address changed: back, where something would be lost and the person wants to stay. */
async function moved(event) {
  if (!unsaved?.()) return show();
  const target = location.hash;
  history.replaceState(null, "", new URL(event.oldURL).hash);
  if (!(await leaving())) return;
  unsaved = null;
  go(target);
}

const leaving = () =>
  confirmed({
    title: i18n.t("elements.discard"),
    text: i18n.t("elements.discardText"),
    confirm: i18n.t("elements.discardYes"),
    danger: true,
  });

async function show() {
  unsaved = null;
  shown?.abort();
  const control = new AbortController();
  shown = control;
  for (const dialog of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (dialog).close();
  const route = resolve(screens, location.hash || `#${DEFAULT}`);
  if (!session.user.get() && !route?.screen.open) {
    wanted = location.hash;
    return go("/sign-in", { replace: true });
  }
  if (session.user.get() && (route?.screen.open || !location.hash)) return go(wanted || DEFAULT, { replace: true });
  const main = frame(Boolean(session.user.get()), route);
  fill(main, skeleton(5));
  document.title = route ? `${i18n.t(route.screen.title)} · Lorestream` : "Lorestream";
  if (!route) return fill(main, missing());
  if (!session.may(route.screen.roles)) return fill(main, forbidden());
  try {
    const module = import(`./screens/${route.screen.module}.js`);
    module.catch(() => {});
    const open = route.params.campaign ? await enter(route.params.campaign, control.signal) : (leave(), null);
    if (control.signal.aborted) return;
    mark(route);
    if (route.screen.masters && !isMaster(open)) return fill(main, forbidden("states.mastersOnly"));
    const { show: draw } = await module;
    if (control.signal.aborted) return;
    await draw(view(main, route, control.signal, open));
  } catch (error) {
    if (control.signal.aborted) return;
    fill(main, h("div", { class: "page" }, failure(error, show)));
  }
}

/** @returns {import("./view.js").View} */
function view(main, route, signal, open) {
  return {
    main,
    params: route.params,
    query: route.query,
    signal,
    campaign: open,
    master: isMaster(open),
    render: (...children) => void (signal.aborted || fill(main, children)),
    title: (text) => {
      if (signal.aborted) return;
      document.title = `${text} · Lorestream`;
      crumb(text);
    },
    reload: show,
    holds: (check) => void (signal.aborted || (unsaved = check)),
  };
}

const missing = () =>
  h(
    "div",
    { class: "page" },
    empty({
      icon: "compass",
      title: i18n.t("states.noSuchPage"),
      text: i18n.t("states.noSuchPageText"),
      action: h("a", { class: "button", href: `#${DEFAULT}` }, i18n.t("campaigns.title")),
    }),
  );
const forbidden = (text = "states.forbiddenText") =>
  h(
    "div",
    { class: "page" },
    empty({ icon: "seal", title: i18n.t("states.forbidden"), text: i18n.t(text) }),
  );

async function start() {
  await Promise.all([i18n.use(i18n.preferred()), loadIcons(), session.start()]);
  let known = session.user.get()?.account_id ?? null;
  session.user.watch((user) => {
    const now = user?.account_id ?? null;
    if (now === known) return;
    if (session.cutOff() && unsaved?.()) {
      // What was written stays until somebody else comes: signing in in another tab is enough to save it.
      disconnect();
      toast(i18n.t("signIn.cutOff"), { tone: "bad", stays: true });
      return;
    }
    known = now;
    if (!now) {
      disconnect();
      campaign.set(null);
      wanted = null;
    }
    show();
  });
  listen();
  addEventListener("hashchange", moved);
  addEventListener("beforeunload", (event) => unsaved?.() && event.preventDefault());
  addEventListener("lorestream:redraw", show);
  await show();
}

start();
