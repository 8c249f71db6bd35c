// What stands around every screen: the bar on top, the navigation at the side.

import { campaign, isMaster } from "./campaign.js";
import { fill, h, icon } from "./dom.js";
import { menuButton } from "./elements/gm-menu.js";
import { current, t, use } from "./i18n.js";
import { openPalette } from "./palette.js";
import { go, href } from "./router.js";
import { screens } from "./screens.js";
import { may, signOut, user } from "./session.js";
import { help } from "./shortcuts.js";
import { state } from "./socket.js";
import { preference } from "./store.js";

const theme = preference("theme", "system");
/** @type {any} */
let parts = null;
/** @type {any} */
let route = null;

/**
 * The place where screens render. The frame is built once per sign-in and language, and kept between screens.
 *
 * @param {boolean} signedIn without it there is no navigation
 * @param {import("./router.js").Route | null} next
 */
export function frame(signedIn, next) {
  const wanted = `${signedIn}/${current()}/${user.get()?.account_id}`;
  if (parts?.key !== wanted) parts = build(signedIn, wanted);
  closeDrawer();
  mark(next);
  const main = h("main", { id: "main", tabindex: "-1" });
  const old = parts.main;
  parts.main = main;
  old.replaceWith(main);
  if (route && signedIn && document.activeElement === document.body) main.focus({ preventScroll: true });
  scrollTo(0, 0);
  return main;
}

/** The screens the person may go to now, with their addresses. @param {any} open the open campaign or null */
export function destinations(open) {
  return screens
    .filter(
      (screen) =>
        screen.nav && may(screen.roles) && (screen.nav !== "campaign" || open) && (!screen.masters || isMaster(open)),
    )
    .map((screen) => ({
      screen,
      href: href(screen.path.replace(/\/[:*]\w+\?$/, ""), { campaign: open?.campaign_id }),
    }));
}

/** Marks where the page is. @param {import("./router.js").Route | null} next */
export function mark(next) {
  route = next;
  if (parts?.signedIn) drawNavigation();
}

/** Names the last crumb. @param {string} text */
export function crumb(text) {
  if (parts?.signedIn) drawCrumbs(text);
}

function build(signedIn, key) {
  const main = h("main", { id: "main", tabindex: "-1" });
  const nav = h("nav", { class: "side", id: "side", "aria-label": t("layout.navigation") });
  const crumbs = h("ol", { class: "crumbs" });
  const made = { key, signedIn, main, nav, crumbs };
  const skip = h(
    "button",
    { class: "skip", type: "button", on: { click: () => parts.main.focus() } },
    t("layout.skip"),
  );
  const bar = h(
    "header",
    { class: "bar" },
    signedIn &&
      h(
        "button",
        {
          class: "button button--icon drawer-button",
          type: "button",
          "aria-label": t("layout.navigation"),
          "aria-controls": "side",
          "aria-expanded": "false",
          on: { click: toggleDrawer },
        },
        icon("menu"),
      ),
    h(
      "a",
      { class: "brand", href: "#/campaigns", "aria-label": "Lorestream" },
      icon("mark"),
      h("span", { class: "brand-name" }, "Lorestream"),
    ),
    signedIn
      ? h("nav", { class: "crumb-nav", "aria-label": t("layout.crumbs") }, crumbs)
      : h("span", { class: "grow" }),
    signedIn &&
      h(
        "button",
        { class: "find", type: "button", on: { click: () => openPalette() } },
        icon("search"),
        h("span", { class: "find-text" }, t("palette.open")),
        h("kbd", null, "Ctrl K"),
      ),
    signedIn && connection(),
    languageButton(),
    themeButton(),
    signedIn && personMenu(),
  );
  document.body.replaceChildren(
    skip,
    bar,
    h(
      "div",
      { class: signedIn ? "frame" : "frame frame--bare" },
      signedIn && nav,
      signedIn && h("div", { class: "scrim", on: { click: closeDrawer } }),
      main,
    ),
  );
  return made;
}

function drawNavigation() {
  const open = campaign.get();
  const groups = [
    ["campaign", open?.name],
    ["realm", t("layout.realm")],
    ["operate", t("layout.operate")],
    ["admin", t("layout.more")],
  ];
  const all = destinations(open);
  fill(
    parts.nav,
    groups.map(([group, label]) => {
      const members = all.filter((one) => one.screen.nav === group);
      return (
        members.length > 0 &&
        h(
          "section",
          { class: `side-group side-group--${group}` },
          h("h2", null, label),
          h(
            "ul",
            { "data-arrows": true },
            members.map(({ screen, href: to }) =>
              h(
                "li",
                null,
                h(
                  "a",
                  {
                    class: "side-link",
                    href: to,
                    "data-stop": true,
                    "aria-current":
                      screen === route?.screen || (screen.owns ?? []).includes(route?.screen.module) ? "page" : null,
                  },
                  icon(screen.icon),
                  h("span", null, t(screen.title)),
                  badge(screen, open),
                ),
              ),
            ),
          ),
        )
      );
    }),
  );
  drawCrumbs(route ? t(route.screen.title) : "");
}

const badge = (screen, open) => {
  const count = screen.badge?.(open);
  return count ? h("span", { class: "badge" }, String(count)) : null;
};

function drawCrumbs(last) {
  const open = campaign.get();
  const inside = open && route?.params.campaign;
  const link = (to, text) => h("li", null, h("a", { href: to }, text));
  fill(
    parts.crumbs,
    inside && link(href("/c/:campaign", { campaign: open.campaign_id }), open.name),
    last && h("li", { "aria-current": "page" }, last),
  );
}

function connection() {
  const dot = h("span", { class: "live", role: "status" });
  state.watch((now) => {
    dot.dataset.state = now;
    dot.title = t(`layout.live.${now}`);
    fill(dot, h("span", { class: "visually-hidden" }, t(`layout.live.${now}`)));
  });
  return dot;
}

function themeButton() {
  const choices = ["system", "light", "dark"];
  return menuButton({
    label: t("layout.theme"),
    icon: "sun",
    items: () =>
      choices.map((choice) => ({
        label: t(`layout.themes.${choice}`),
        checked: theme.get() === choice,
        run: () => setTheme(choice),
      })),
  });
}

/** Chooses light, dark or what the system prefers. @param {string} choice */
export function setTheme(choice) {
  theme.set(choice);
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

function languageButton() {
  return menuButton({
    label: t("layout.language"),
    icon: "globe",
    class: "button button--quiet language",
    text: current().toUpperCase(),
    items: () =>
      [
        ["en", "English"],
        ["fr", "Français"],
      ].map(([code, name]) => ({ label: name, lang: code, checked: current() === code, run: () => setLanguage(code) })),
  });
}

/** Changes the language and draws everything again. @param {string} code */
export async function setLanguage(code) {
  await use(code, true);
  dispatchEvent(new Event("lorestream:redraw"));
}

function personMenu() {
  const person = user.get();
  return menuButton({
    label: t("layout.account"),
    icon: "person",
    text: person?.display ?? person?.name,
    items: () => [
      { heading: `${person?.name} · ${t(`roles.${person?.role}`)}` },
      {
        label: t("account.changePassword"),
        icon: "key",
        run: async () => (await import("./elements/password-dialog.js")).openPasswordDialog(),
      },
      {
        label: current() === "en" ? "Français" : "English",
        icon: "globe",
        lang: current() === "en" ? "fr" : "en",
        run: () => setLanguage(current() === "en" ? "fr" : "en"),
      },
      { label: t("shortcuts.title"), icon: "keyboard", run: help },
      { label: t("layout.signOut"), icon: "leave", run: leave },
    ],
  });
}

/** Signs out; whoever signs in next begins at the start. */
export async function leave() {
  go("/campaigns", { replace: true });
  await signOut();
}

function toggleDrawer() {
  const open = document.body.classList.toggle("drawer-open");
  document.querySelector(".drawer-button")?.setAttribute("aria-expanded", String(open));
  if (open) parts.nav.querySelector("a")?.focus();
}

function closeDrawer() {
  document.body.classList.remove("drawer-open");
  document.querySelector(".drawer-button")?.setAttribute("aria-expanded", "false");
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("drawer-open")) closeDrawer();
});
