"use strict";
/* The list of NDCs: filters folded on a phone, and a changed count said aloud. */
(() => {
  const panel = document.getElementById("filter-panel");
  if (panel && window.matchMedia("(max-width: 63.99rem)").matches) panel.removeAttribute("open");

  document.addEventListener("htmx:afterSettle", () => {
    const said = document.querySelector("#results [data-said], #results [role=alert]");
    const announcement = document.getElementById("announcement");
    if (said && announcement) announcement.textContent = said.textContent.trim().replace(/\s+/g, " ");
  });
})();
