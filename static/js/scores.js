"use strict";
/* The working page of an assessor: one element at a time or an area as a table, by keyboard, with a search in one's own
   notes. All of it is in the page, so that it goes on without a connection; static/js/questionnaire.js saves. */
(() => {
  const page = document.getElementById("scores"), progress = document.getElementById("progress");
  const elements = [...page.querySelectorAll("[data-element]")], codes = elements.map((item) => item.dataset.element);
  const part = (code) => elements.find((item) => item.dataset.element === code);
  const typing = (target) => target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  const SWITCH = "dscr-keys";
  const keys = document.getElementById("keys-on");
  let current = page.dataset.current;
  document.documentElement.classList.add("js");

  const byArea = () => page.classList.contains("scores--area");
  const isShown = (code) => (byArea() ? part(code).dataset.area === part(current).dataset.area : code === current);
  const mark = () => {
    for (const link of progress.querySelectorAll("[data-to]")) {
      const isCurrent = link.dataset.to === current;
      link.classList.toggle("usa-current", isCurrent);
      if (isCurrent) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const draw = () => {
    for (const item of elements) item.hidden = !isShown(item.dataset.element);
    for (const item of page.querySelectorAll("[data-findings]")) item.hidden = !isShown(item.dataset.findings);
    for (const head of page.querySelectorAll("[data-area-head]")) head.hidden = head.dataset.areaHead !== part(current).dataset.area;
    const place = codes.indexOf(current);
    for (const button of page.querySelectorAll("[data-go]")) {
      button.disabled = { previous: place <= 0, next: place + 1 >= codes.length, open: !nextOpen() }[button.dataset.go];
    }
    mark();
  };
  const show = (code, { focus = true } = {}) => {
    if (!codes.includes(code)) return;
    current = code;
    draw();
    const view = byArea() ? "&view=area" : "";
    history.replaceState(null, "", `?element=${code}${view}`);
    if (focus) {
      part(code).focus({ preventScroll: true });
      part(code).scrollIntoView({ block: "start" });
    }
  };
  const nextOpen = () => {
    const place = codes.indexOf(current);
    return [...codes.slice(place + 1), ...codes.slice(0, place)].find((code) => document.getElementById(`${code}-0`).checked);
  };
  const go = (where) => show({ previous: codes[codes.indexOf(current) - 1], next: codes[codes.indexOf(current) + 1], open: nextOpen() }[where]);
  const give = (level) => {
    const radio = document.getElementById(`${current}-${level}`);
    if (!radio || radio.matches(":disabled")) return;
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  };

  progress.addEventListener("click", (event) => {
    const link = event.target.closest("[data-to]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.dataset.to);
  });
  new MutationObserver(mark).observe(progress, { childList: true });
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go], [data-view]");
    if (button?.dataset.go) go(button.dataset.go);
    if (!button?.dataset.view) return;
    page.classList.toggle("scores--area", button.dataset.view === "area");
    for (const other of page.querySelectorAll("[data-view]")) other.setAttribute("aria-pressed", String(other === button));
    show(current, { focus: false });
  });
  page.addEventListener("focusin", (event) => {
    const code = event.target.closest("[data-element]")?.dataset.element;
    if (code && code !== current) { current = code; draw(); }
  });
  page.addEventListener("input", (event) => { if (event.target.type === "radio") draw(); });

  try { keys.checked = localStorage.getItem(SWITCH) !== "off"; } catch { /* this visit only */ }
  keys.addEventListener("change", () => {
    try {
      if (keys.checked) localStorage.removeItem(SWITCH);
      else localStorage.setItem(SWITCH, "off");
    } catch { /* the same */ }
  });
  document.addEventListener("keydown", (event) => {
    if (!keys.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && page.contains(event.target)) part(current).focus();
      return;
    }
    const move = { n: "next", p: "previous", o: "open" }[event.key.toLowerCase()];
    if (/^[0-5]$/.test(event.key)) give(event.key);
    else if (move) go(move);
    else if (event.key.toLowerCase() === "e") part(current).querySelector("textarea:not([hidden])")?.focus();
    else if (event.key === "/" && search) search.focus();
    else return;
    event.preventDefault();
  });

  /* Searched here: nothing of it leaves the browser. */
  const search = document.getElementById("notes-search"), found = document.getElementById("notes-found");
  const texts = () => [
    ...[...page.querySelectorAll("[data-notes]")].map((field) => [field.dataset.notes, field.value]),
    ...[...page.querySelectorAll("[data-finding]")].map((item) => [item.dataset.finding, item.querySelector(".finding__text").textContent.trim()]),
  ];
  search?.addEventListener("input", () => {
    const asked = search.value.trim().toLowerCase();
    const hits = asked ? texts().map(([code, text]) => [code, text, text.toLowerCase().indexOf(asked)]).filter(([, , at]) => at >= 0) : [];
    found.replaceChildren(...hits.map(([code, text, at]) => {
      const item = document.createElement("li"), button = document.createElement("button");
      const from = Math.max(0, at - 25);
      button.type = "button";
      button.className = "usa-button usa-button--unstyled";
      button.textContent = `${code}: ${from ? "…" : ""}${text.slice(from, at + 60)}${text.length > at + 60 ? "…" : ""}`;
      button.addEventListener("click", () => show(code));
      item.append(button);
      return item;
    }));
    document.getElementById("notes-said").textContent = !asked ? "" : hits.length ? `${hits.length} found` : "Nothing found";
  });

  /* A finding is sent without leaving the page: where there is no connection, its words stay here. */
  for (const form of page.querySelectorAll("[data-finding-form]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector("[data-form-problem]"), { submitter } = event;
      const say = (text) => { said.textContent = text; said.hidden = !text; };
      const token = document.getElementById("questionnaire").elements.csrfmiddlewaretoken.value;
      say("");
      submitter.disabled = true;
      try {
        const response = await fetch(form.action, { method: "POST", body: new FormData(form, submitter), headers: { "HX-Request": "true", "X-CSRFToken": token } });
        const answer = await response.json().catch(() => ({}));
        if (response.ok || answer.changed) {
          if (response.ok) form.dispatchEvent(new Event("stored"));
          history.replaceState(null, "", answer.to);
          window.location.reload();
          return;
        }
        say(answer.problem ?? (response.status === 401 ? "You are signed out. Sign in again in a new tab, then send it once more." : "It was not stored. Reload the page and send it once more: its words are kept in this browser."));
      } catch {
        say("No connection. The words are kept in this browser: send it once more when the connection is back.");
      }
      submitter.disabled = false;
    });
  }

  /* Words of findings that are not sent would be lost to the case once it is finished. */
  const unsent = document.getElementById("unsent");
  const tellUnsent = () => {
    if (!unsent) return; // the page of the consensus has none
    const open = [...new Set([...page.querySelectorAll("form[data-unsent]")].map((form) => form.closest("[data-findings]").dataset.findings))];
    unsent.hidden = !open.length;
    const links = open.flatMap((code, place) => [place ? ", " : "", Object.assign(document.createElement("a"), { href: `#findings-${code}`, textContent: code, className: "usa-link" })]);
    unsent.replaceChildren("Findings that are not sent yet, kept in this browser: ", ...links, ". Send each by its button.");
  };
  page.addEventListener("kept", tellUnsent);
  page.addEventListener("submit", (event) => {
    if (!event.target.matches(".scores__finish") || unsent?.hidden !== false) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    unsent.focus();
  }, { capture: true });
  tellUnsent();

  window.addEventListener("hashchange", () => {
    const code = /^#(?:element|findings)-(\w+)$/.exec(window.location.hash)?.[1];
    if (code) show(code);
  });
  const asked = /^#(?:element|findings)-(\w+)$/.exec(window.location.hash)?.[1];
  if (codes.includes(asked)) current = asked;
  draw();
  if (asked) document.querySelector(window.location.hash)?.scrollIntoView();
})();
