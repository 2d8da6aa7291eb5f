"use strict";
/* On a narrow screen the header's pages fold behind a button. Without this script they simply stand in lines, and a
   group that was unfolded stays so until another one is. */
(() => {
  document.documentElement.classList.add("folds");
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".site-nav__button");
    if (!button) return;
    button.hidden = false;
    const groups = [...document.querySelectorAll(".site-nav__group")];
    const fold = (event) => { for (const group of groups) if (!group.contains(event.target)) group.open = false; };
    document.addEventListener("click", fold);
    document.addEventListener("focusin", fold);
    const open = (is) => button.setAttribute("aria-expanded", String(is));
    button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("keydown", (event) => {
      const unfolded = groups.find((group) => group.open);
      if (event.key === "Escape" && unfolded) {
        unfolded.open = false;
        unfolded.querySelector("summary").focus();
        return;
      }
      if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
      open(false);
      button.focus();
    });
  });
})();
