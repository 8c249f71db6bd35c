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

  // The game world and the platform, for game masters and operators.

  // Accounts and this program.
  { path: "/about", module: "about", title: "about.title", icon: "info", nav: "admin", key: "b" },
];
