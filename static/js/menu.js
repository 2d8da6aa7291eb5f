"use strict";
/* On a narrow screen the header's pages fold behind a button. Without this script they simply stand in lines. */
(() => {
  document.documentElement.classList.add("folds");
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".site-nav__button");
    if (!button) return;
    button.hidden = false;
    const open = (is) => button.setAttribute("aria-expanded", String(is));
    button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
      open(false);
      button.focus();
    });
  });
})();
