"use strict";
/* What is typed into a form stays in this browser until it is stored: an ended session, a lost connection or a closed
   tab loses no text. The form's own number is kept with it, so that a text sent twice is one message. Where the form
   changes something that is stored already (it has a `version`), a change that another window made meanwhile is shown
   beside one's own. Files are not kept. */
(() => {
  const PREFIX = "kept:";
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const write = (key, kept) => { try { localStorage.setItem(key, JSON.stringify(kept)); } catch { /* a full or closed store */ } };
  const drop = (key) => { try { localStorage.removeItem(key); } catch { /* the same */ } };
  const named = (form) => [...form.elements].filter((field) => field.name && !["hidden", "file", "submit"].includes(field.type));
  const valuesOf = (form) => Object.fromEntries(
    named(form).filter((field) => field.type !== "radio" || field.checked).map((field) => [field.name, field.value]));
  const put = (form, name, value) => {
    for (const field of named(form)) {
      if (field.name !== name) continue;
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
  };

  /* What the thread shows was stored. */
  const sent = new Set((document.querySelector("[data-sent]")?.dataset.sent ?? "").split(" ").filter(Boolean));
  if (sent.size) {
    let keys = [];
    try { keys = Object.keys(localStorage); } catch { /* the same */ }
    for (const key of keys) {
      const kept = key.startsWith(PREFIX) ? read(key) : null;
      if (kept && !kept.isChange && sent.has(kept.form)) drop(key);
    }
  }

  for (const form of document.querySelectorAll("form[data-keeps]")) {
    const key = PREFIX + form.dataset.keeps, number = form.elements.form, said = form.querySelector("[data-kept-said]");
    const isChange = Boolean(form.elements.version), stored = valuesOf(form);
    const keep = () => {
      const values = valuesOf(form), isUnsent = Object.keys(values).some((name) => values[name] !== (stored[name] ?? ""));
      if (isUnsent) write(key, { form: number?.value, isChange, was: stored, values });
      else drop(key);
      form.toggleAttribute("data-unsent", isUnsent);
      form.dispatchEvent(new Event("kept", { bubbles: true }));
    };
    const shown = (name, value) => {
      const { options } = form.elements[name];
      return (options && [...options].find((item) => item.value === value)?.text) || value || "nothing";
    };
    const ask = (name, mine) => {
      const part = document.getElementById("conflict-template").content.firstElementChild.cloneNode(true);
      part.querySelector("[data-name]").textContent = "Another window";
      part.querySelector("[data-theirs]").textContent = shown(name, stored[name]);
      part.querySelector("[data-mine]").textContent = shown(name, mine);
      const settle = (value) => { put(form, name, value); part.remove(); form.elements[name].focus(); keep(); };
      part.querySelector("[data-keep]").addEventListener("click", () => settle(form.elements[name].value));
      part.querySelector("[data-take]").addEventListener("click", () => settle(stored[name]));
      form.elements[name].after(part);
    };

    const kept = read(key);
    if (kept && form.elements.text && (isChange || !form.elements.text.value)) {
      for (const [name, mine] of Object.entries(kept.values ?? {})) {
        const was = kept.was?.[name] ?? "";
        if (mine === was && isChange) continue;
        put(form, name, mine);
        if (isChange && ![was, mine].includes(stored[name])) ask(name, mine);
      }
      if (!isChange) number.value = kept.form ?? number.value;
      keep();
      if (form.hasAttribute("data-unsent")) {
        form.closest("details")?.setAttribute("open", "");
        if (said) said.textContent = "What you had typed before stands here again. Choose files anew.";
      }
    }
    form.addEventListener("input", keep);
    form.addEventListener("stored", () => drop(key));
  }
})();
