// The screens. One line adds one: its module in `screens/` is loaded when its address is first opened.
//
// path     pattern of the address after "#"          module   file in screens/, exporting `show(view)`
// title    key of its name                           icon     name in icons.svg
// nav      group of the navigation it appears in ("campaign" | "realm" | "operate" | "admin"); left out: not in the navigation
// key      letter after "g" that goes there           roles    realm roles that see it (an admin sees all)
// masters  true: only the campaign's owner and co-GMs see it
//
// `show(view)` gets a View (see view.js) and may be async: it renders at once what it can, and the rest when it is there.

/** @type {any[]} */
export const screens = [
  { path: "/sign-in", module: "sign-in", title: "signIn.title", open: true },
  { path: "/campaigns", module: "campaigns", title: "campaigns.title", icon: "book", nav: "realm", key: "c" },

  // A campaign.
  { path: "/c/:campaign", module: "campaign-home", title: "home.title", icon: "home", nav: "campaign", key: "h" },
  {
    path: "/c/:campaign/elements/:kind?",
    module: "elements",
    title: "elements.title",
    icon: "book",
    nav: "campaign",
    key: "e",
    owns: ["element"],
  },
  { path: "/c/:campaign/e/:element", module: "element", title: "elements.one" },
  {
    path: "/c/:campaign/proposals",
    module: "proposals",
    title: "proposals.title",
    icon: "spark",
    nav: "campaign",
    key: "p",
    masters: true,
    owns: ["proposal", "spending"],
  },
  { path: "/c/:campaign/spending", module: "spending", title: "spending.title", masters: true },
  { path: "/c/:campaign/proposals/:proposal", module: "proposal", title: "proposals.one", masters: true },
  { path: "/c/:campaign/chat", module: "chat", title: "chat.title", icon: "chat", nav: "campaign", key: "a" },
  {
    path: "/c/:campaign/encounter",
    module: "encounter",
    title: "encounter.title",
    icon: "encounter",
    nav: "campaign",
    key: "n",
    masters: true,
  },
  {
    path: "/c/:campaign/characters",
    module: "characters",
    title: "characters.title",
    icon: "shield",
    nav: "campaign",
    key: "y",
  },
  {
    path: "/c/:campaign/sessions",
    module: "sessions",
    title: "sessions.title",
    icon: "quest",
    nav: "campaign",
    key: "g",
  },
  { path: "/c/:campaign/dice", module: "dice", title: "dice.title", icon: "dice", nav: "campaign", key: "d" },
  { path: "/c/:campaign/images", module: "images", title: "images.title", icon: "image", nav: "campaign", key: "i" },
  {
    path: "/c/:campaign/members",
    module: "members",
    title: "members.title",
    icon: "people",
    nav: "campaign",
    key: "m",
  },
  {
    path: "/c/:campaign/graph",
    module: "campaign-graph",
    title: "graph.title",
    icon: "graph",
    nav: "campaign",
    key: "r",
  },
  { path: "/c/:campaign/time", module: "campaign-time", title: "past.title", icon: "clock", nav: "campaign", key: "t" },

  // The game world and the platform, for game masters and operators.
  {
    path: "/world",
    module: "npcs",
    title: "npcs.title",
    icon: "npc",
    nav: "realm",
    key: "w",
    roles: ["gamemaster", "operator"],
    owns: ["npc"],
  },
  {
    path: "/world/graph",
    module: "world-graph",
    title: "world.graph",
    icon: "graph",
    nav: "realm",
    key: "k",
    roles: ["gamemaster", "operator"],
  },
  { path: "/world/npc/*npc", module: "npc", title: "npcs.title", roles: ["gamemaster", "operator"] },
  {
    path: "/feed",
    module: "feed",
    title: "feed.title",
    icon: "feed",
    nav: "operate",
    key: "f",
    roles: ["operator"],
    owns: ["event", "trace", "stream"],
  },
  { path: "/event/:position", module: "event", title: "event.title", roles: ["operator"] },
  { path: "/trace/:correlation", module: "trace", title: "trace.title", roles: ["operator"] },
  { path: "/stream/:category/*id", module: "stream", title: "stream.title", roles: ["operator"] },
  {
    path: "/decisions",
    module: "decisions",
    title: "decisions.title",
    icon: "decision",
    nav: "operate",
    key: "s",
    roles: ["operator"],
    owns: ["decision"],
  },
  { path: "/decisions/:decision", module: "decision", title: "decisions.title", roles: ["operator"] },
  {
    path: "/projections",
    module: "projections",
    title: "projections.title",
    icon: "layers",
    nav: "operate",
    key: "o",
    roles: ["operator"],
  },
  {
    path: "/dead-letters",
    module: "dead-letters",
    title: "dead.title",
    icon: "letter",
    nav: "operate",
    key: "l",
    roles: ["operator"],
  },
  {
    path: "/health",
    module: "health",
    title: "health.title",
    icon: "health",
    nav: "operate",
    key: "v",
    roles: ["operator"],
  },

  // Accounts and this program.
  {
    path: "/accounts",
    module: "accounts",
    title: "accounts.title",
    icon: "key",
    nav: "admin",
    roles: ["admin"],
    key: "u",
  },
  { path: "/about", module: "about", title: "about.title", icon: "info", nav: "admin", key: "b" },
];
