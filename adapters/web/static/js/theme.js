// Runs before the first paint, so that a chosen theme or density never flashes. Everything else waits for main.js.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("lorestream.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const language = localStorage.getItem("lorestream.language");
    if (language === "en" || language === "fr") root.lang = language;
  } catch {
    // Storage may be forbidden; the system's preference then decides.
  }
})();
