"use strict";
/* Keeps a page alive: relative times, what changed said aloud, open tables kept open over a swap, printing. */
(() => {
  document.documentElement.classList.add("js");
  const DAY = 86400;
  const ago = (at) => {
    const seconds = Math.max(0, Math.floor((Date.now() - at) / 1000));
    if (seconds < 60) return `${seconds}\u00a0s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)}\u00a0min ago`;
    if (seconds < DAY) return `${Math.floor(seconds / 3600)}\u00a0h ago`;
    return null; // the server wrote the date
  };
  const tick = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = ago(Date.parse(time.dateTime));
      if (text && time.textContent !== text) time.textContent = text;
    }
  };
  setInterval(tick, 1000);

  let before = null;
  const state = () => {
    const rating = document.getElementById("rating");
    return rating && { score: rating.dataset.score, word: rating.dataset.word };
  };
  const changed = (from, to) => {
    if (from.score && to.score && from.score !== to.score) {
      const word = from.word === to.word ? "" : `, band ${to.word}`;
      return `Score changed from ${from.score} to ${to.score}${word}.`;
    }
    return from.word === to.word ? "" : `Changed from ${from.word} to ${to.word}.`;
  };

  /** How to find the focused element again in the new body: by the table it opens, where it leads, or its id. */
  const focused = () => {
    const item = document.activeElement;
    if (!item?.closest("#rating")) return null;
    if (item.matches("summary")) return `#${item.parentElement.id} > summary`;
    return item.id ? `#${item.id}` : item.matches("a[href]") ? `#rating a[href="${item.getAttribute("href")}"]` : null;
  };

  const pictured = (table) => table.id !== "supply-table" || matchMedia("(min-width: 56rem)").matches; // phones get the table
  const closeTables = (except = []) => {
    for (const table of document.querySelectorAll("details.as-table[open]")) {
      if (pictured(table) && !except.includes(table.id)) table.removeAttribute("open");
    }
  };
  closeTables(); // they come open, for readers without script

  const LOST_AFTER = 5; // polls
  let failed = 0;
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.elt.id !== "freshness") return;
    failed = event.detail.successful ? 0 : failed + 1;
    const text = failed < LOST_AFTER ? "" : "Connection lost. What you see may be out of date.";
    const place = document.getElementById("connection");
    if (place && place.textContent !== text) place.textContent = text;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault(); // a page in the background asks for nothing
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "rating") return;
    const open = [...document.querySelectorAll("#rating details[open]")].map((item) => item.id);
    before = { ...state(), open, focused: focused() };
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!before || !document.getElementById("rating")) return;
    closeTables(before.open);
    if (before.focused) document.querySelector(before.focused)?.focus({ preventScroll: true });
    const text = changed(before, state());
    if (text) document.getElementById("announcement").textContent = text;
    before = null;
    tick();
    window.dscrCharts?.drawAll();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    for (const menu of document.querySelectorAll(".user-menu[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(".user-menu[open]")) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    }
  });
  const closed = new Set();
  window.addEventListener("beforeprint", () => {
    const now = (style) => new Date().toLocaleString("en-US", { timeZone: "America/New_York", ...style });
    const printed = `${now({ dateStyle: "long" })} at ${now({ timeStyle: "short" }).toLowerCase()} ET`;
    for (const place of document.querySelectorAll("[data-printed]")) place.textContent = printed;
    for (const table of document.querySelectorAll("details.as-table:not([open])")) {
      closed.add(table);
      table.setAttribute("open", "");
    }
  });
  window.addEventListener("afterprint", () => {
    for (const table of closed) table.removeAttribute("open");
    closed.clear();
  });
})();
