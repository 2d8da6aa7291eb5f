"use strict";
/* The questionnaire saves itself. Each change is kept in this browser until the server has stored it: a lost
   connection, a closed tab or an ended session loses nothing, and what two people wrote is never overwritten unseen. */
(() => {
  const form = document.getElementById("questionnaire");
  const { state: address, key: place, who, section, signIn } = form.dataset;
  const PAUSE = 500, EVERY = 4000, KEPT_ALIVE = 20_000; // browsers refuse longer requests that outlive their page
  const status = document.getElementById("saved");
  const conflicts = {}; // key -> {now, name, when} that another wrote meanwhile
  let draft = form.elements.draft.value, version = Number(form.dataset.version);
  let token = form.elements.csrfmiddlewaretoken.value, saved = "", isFresh = false, isClosed = false, isLeaving = false, sent = null, waiting;
  document.documentElement.classList.add("js");

  /* What is not stored yet: key -> {was, now, draft, tried}. Where the browser keeps nothing, this tab does.
     tried: texts that were sent and not answered. The server may have stored one of them, which is nobody else's. */
  let memory = {}, keeps = true;
  const read = () => {
    try { return keeps ? JSON.parse(localStorage.getItem(place)) ?? {} : memory; } catch { return memory; }
  };
  const write = (kept) => {
    memory = kept;
    form.dataset.unsaved = Object.keys(kept).length;
    try {
      if (Object.keys(kept).length) localStorage.setItem(place, JSON.stringify(kept));
      else localStorage.removeItem(place);
    } catch { keeps = false; }
  };
  const control = (key) => form.elements[key], base = (key) => form.elements[`was-${key}`];
  const at = (name, key) => form.querySelector(`[data-${name}="${key}"]`);
  const count = (kept) => Object.keys(kept).length;

  const say = (text, isWarning = false) => {
    if (status.textContent.trim() !== text) status.textContent = text;
    delete status.dataset.out;
    status.classList.toggle("warning", isWarning);
  };
  const linkTo = (href, textContent) => Object.assign(document.createElement("a"), { href, textContent, className: "usa-link" });
  const standing = () => {
    const open = Object.keys(conflicts);
    if (Object.keys(read()).some((key) => !(key in conflicts))) say("Saving…");
    else if (!open.length) say(saved ? `Saved ${saved}` : "Nothing saved yet");
    else if (open.some((key) => control(key))) {
      const told = `Not saved: ${open.length} answer${open.length > 1 ? "s" : ""} that somebody else changed. `;
      if (status.textContent.startsWith(told)) return;
      const first = at("conflict", open.find((key) => control(key))).closest("fieldset");
      say(told, true);
      status.append(linkTo(`#${first.id}`, "Choose"));
    }
    else say("Not saved: an answer in another section that somebody else changed. Open that section to choose.", true);
  };
  const lost = () => say(keeps ? "Not saved: no connection, kept in this browser" : "Not saved: no connection. Keep this tab open.", true);
  const signedOut = () => {
    isFresh = true;
    if (status.dataset.out) return;
    say("Signed out. ", true);
    status.append(Object.assign(linkTo(signIn, "Sign in again in a new tab"), { target: "_blank" }), "; nothing is lost.");
    status.dataset.out = "yes";
  };
  const close = (text) => { isClosed = true; say(text, true); };

  /* Texts as people read them: of a choice its words. */
  const shown = (key, text) => {
    const field = control(key);
    const choice = field instanceof RadioNodeList ? [...field].find((item) => item.value === text)?.dataset.label
      : field?.options && [...field.options].find((item) => item.value === text)?.text;
    return choice || text || "nothing";
  };
  const showConflict = (key) => {
    const box = at("conflict", key);
    if (!box) return;
    const part = document.getElementById("conflict-template").content.cloneNode(true), theirs = conflicts[key];
    part.querySelector("[data-name]").textContent = theirs.name || "Somebody else";
    part.querySelector("[data-when]").textContent = theirs.when || "";
    part.querySelector("[data-theirs]").textContent = shown(key, theirs.now);
    part.querySelector("[data-mine]").textContent = shown(key, control(key).value);
    for (const [name, settle] of [["keep", keepMine], ["take", takeTheirs]]) {
      part.querySelector(`[data-${name}]`).addEventListener("click", () => settle(key));
    }
    box.replaceChildren(part);
  };
  const settled = (key, kept) => {
    base(key).value = conflicts[key].now;
    delete conflicts[key];
    write(kept);
    at("conflict", key).replaceChildren();
    const field = control(key);
    (field instanceof RadioNodeList ? [...field].find((item) => item.checked) : field).focus();
    standing();
    send();
  };
  const keepMine = (key) => settled(key, { ...read(), [key]: { was: conflicts[key].now, now: control(key).value, draft } });
  const takeTheirs = (key) => {
    const { [key]: dropped, ...kept } = read();
    control(key).value = conflicts[key].now;
    settled(key, kept);
  };

  const replace = (part, html, kept) => {
    const busy = part.contains(document.activeElement) || Object.keys(kept).some((key) => part.contains(control(key)));
    if (busy || part.dataset.html === html) return;
    part.innerHTML = html; // made by the server from escaped texts
    part.dataset.html = html;
  };
  const apply = (now) => {
    const kept = read();
    ({ draft, version, token, saved } = { ...now, draft: String(now.draft) });
    form.elements.draft.value = draft;
    for (const [code, html] of Object.entries(now.said)) replace(document.getElementById(`said-${code}`), html, kept);
    for (const [key, text] of Object.entries(now.answers)) {
      const field = control(key);
      if (!field || key in conflicts) continue;
      base(key).value = text;
      if (!(key in kept) && field.value.trim() !== text) field.value = text;
    }
    for (const [key, text] of Object.entries(now.problems)) {
      document.getElementById(`error-${key}`).textContent = text;
      const field = control(key);
      if (!(field instanceof RadioNodeList)) field.setAttribute("aria-invalid", String(Boolean(text)));
    }
    for (const [key, edit] of Object.entries(now.edits)) {
      const text = edit.mine ? "" : `${edit.name}, ${edit.when}`, line = at("by", key);
      if (line && line.textContent !== text) line.textContent = text;
    }
    replace(document.getElementById("progress"), now.progress, {});
    document.getElementById("changed-by").textContent = now.by ? `Last changed by ${now.by}, ${now.saved}` : "";
  };
  const unanswered = () => {
    const kept = read();
    for (const [key, { now }] of Object.entries(sent)) {
      if (kept[key]) kept[key].tried = [...new Set([...kept[key].tried ?? [], now.trim()])];
    }
    write(kept);
  };
  const accept = (now) => {
    const kept = read();
    for (const [key, change] of Object.entries(sent)) {
      const { now: theirs } = now.conflicts[key] ?? {};
      if (theirs !== undefined && kept[key]?.tried?.includes(theirs.trim())) {
        kept[key] = { was: theirs, now: kept[key].now, draft: String(now.draft) };
        delete now.conflicts[key];
        waiting = setTimeout(send, 0);
      }
      else if (key in now.conflicts) conflicts[key] = now.conflicts[key];
      else if (kept[key]?.now === change.now) delete kept[key];
      else if (kept[key]) kept[key] = { ...kept[key], was: now.answers[key] ?? change.now.trim(), draft: String(now.draft) };
    }
    write(kept);
    apply(now);
    Object.keys(now.conflicts).forEach(showConflict);
  };

  const ask = async (body) => {
    const query = new URLSearchParams({ draft, version, section, who, ...(isFresh ? { fresh: 1 } : {}) });
    const headers = { "HX-Request": "true", "X-CSRFToken": token, ...(body ? { "Content-Type": "application/json" } : {}) };
    const response = await fetch(body ? address : `${address}?${query}`, { method: body ? "POST" : "GET", headers, body, keepalive: Boolean(body) && body.length < KEPT_ALIVE, redirect: "error" });
    if (response.status === 401) signedOut();
    else if (response.status === 409) close((await response.json().catch(() => ({}))).closed ?? "You work for another organization now. Reload the page.");
    else if (response.status === 400) say(`Not saved. ${(await response.json().catch(() => ({}))).problem ?? ""}`, true);
    else if (response.status === 404) close("This page does not open to you any more.");
    else if (response.status === 403) isFresh = true; // another sign-in changed the token: the next question fetches it
    else if (!response.ok && response.status !== 204) throw new Error(String(response.status));
    return response;
  };
  const store = async () => {
    clearTimeout(waiting);
    if (sent || isClosed) return;
    const changes = Object.fromEntries(Object.entries(read()).filter(([key]) => !(key in conflicts)).map(([key, { was, now }]) => [key, { was, now }]));
    if (!count(changes)) return;
    sent = changes;
    try {
      const response = await ask(JSON.stringify({ who, draft, section, changes }));
      if (response.ok) { accept(await response.json()); standing(); }
      else if (response.status === 403) setTimeout(look, 0);
    } catch { unanswered(); lost(); }
    sent = null;
  };
  /* One after another: who awaits it knows that what is under way has been answered too. */
  let stored = Promise.resolve();
  const send = () => (stored = stored.then(store));
  /** Has anybody changed the draft? And what could not be sent before goes now. */
  const look = async () => {
    if (sent || isClosed || isLeaving || document.hidden) return;
    try {
      const response = await ask();
      if (!response.ok) return;
      if (response.status === 200) { isFresh = false; apply(await response.json()); }
      if (!Object.keys(read()).some((key) => !(key in conflicts))) standing();
      await send();
    } catch {
      if (count(read())) lost();
      else say("No connection. What you type is kept in this browser.", true);
    }
  };

  form.addEventListener("input", (event) => {
    const key = event.target.name;
    if (!base(key)) return;
    const kept = read(), was = kept[key]?.was ?? base(key).value, now = control(key).value;
    if (now === was && !(key in conflicts) && !(sent && key in sent) && !kept[key]?.tried) delete kept[key];
    else kept[key] = { ...kept[key], was, now, draft: kept[key]?.draft ?? draft };
    write(kept);
    if (key in conflicts) return showConflict(key);
    if (isClosed) return undefined;
    if (!status.dataset.out) say("Saving…");
    clearTimeout(waiting);
    waiting = setTimeout(async () => { await send(); if (!sent && !count(read())) standing(); }, PAUSE);
    return undefined;
  });
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.closest(".conflict")) return; // of a page that was made without script
    event.preventDefault();
    const going = event.submitter?.value;
    await send();
    if (going && !count(read())) window.location = going === "review" ? "review/" : `?section=${going}`;
  });
  for (const other of document.querySelectorAll("[data-after-saving]")) {
    let ready = false;
    other.addEventListener("submit", async (event) => {
      if (ready) { isLeaving = true; return; } // what it does may close the draft, which is no news
      const { submitter } = event;
      event.preventDefault();
      await send();
      if ("onlySaved" in other.dataset && count(read())) return; // the line of what is saved says why
      // Not before this event is over: until then browsers ignore that a form is submitted once more.
      setTimeout(() => { ready = true; other.requestSubmit(submitter); });
    });
  }
  window.addEventListener("pagehide", store);
  window.addEventListener("online", look);
  window.addEventListener("pageshow", () => { isLeaving = false; look(); });
  document.addEventListener("visibilitychange", look);

  /* What an earlier visit could not send stands in its fields again. */
  const kept = read();
  saved = status.textContent.trim().replace(/^Saved /, "").replace("Nothing saved yet", "");
  for (const [key, entry] of Object.entries(kept)) {
    if (!control(key)) continue;
    if (base(key).value === entry.now) { delete kept[key]; continue; }
    control(key).value = entry.now;
    if (entry.draft !== "0" && entry.draft !== draft) {
      conflicts[key] = { now: base(key).value, name: "Another draft", when: "was attested or discarded" };
      showConflict(key);
    }
  }
  write(kept);
  if (count(kept)) standing();
  send();
  setInterval(look, EVERY);
})();
