// Runs before the first paint, so that a page never flashes in the wrong colours. A file of its own: the CSP allows no inline script.
(() => {
  let theme = "system";
  let locale = "";
  try {
    theme = localStorage.getItem("koban.theme") || theme;
    locale = localStorage.getItem("koban.locale") || locale;
  } catch {
    // Storage may be refused; the system's theme is then used.
  }
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  if (locale) document.documentElement.lang = locale;
})();
