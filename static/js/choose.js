"use strict";
/* “All” and “none” of the check boxes of a fieldset; without this script the buttons stay hidden. */
(() => {
  for (const group of document.querySelectorAll("[data-choose]")) {
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const button = event.target.closest("button[value]");
      if (!button) return;
      for (const box of group.closest("fieldset").querySelectorAll("input[type=checkbox]:not(:disabled)")) {
        box.checked = button.value === "all";
      }
    });
  }
})();
