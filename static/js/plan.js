"use strict";
/* The planner: what needs no button with a script, and a refusal said beside its field. */
(() => {
  document.documentElement.classList.add("js");
  document.addEventListener("htmx:responseError", (event) => {
    const said = event.detail.elt.closest("form")?.querySelector("[role=status]");
    if (said) said.textContent = "Not saved. Try again.";
  });
})();
