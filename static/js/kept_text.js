"use strict";
/* What is typed into a form stays in this browser until it stands in the thread: an ended session or a lost connection
   loses no text. The form's own number is kept with it, so that a text sent twice is one message. Files are not kept. */
(() => {
  const PREFIX = "kept:";
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const write = (key, kept) => { try { localStorage.setItem(key, JSON.stringify(kept)); } catch { /* a full or closed store */ } };
  const drop = (key) => { try { localStorage.removeItem(key); } catch { /* the same */ } };
  const named = (form) => [...form.elements].filter((field) => field.name && !["hidden", "file", "submit"].includes(field.type));

  /* What the thread shows was stored. */
  const sent = new Set((document.querySelector("[data-sent]")?.dataset.sent ?? "").split(" ").filter(Boolean));
  if (sent.size) {
    let keys = [];
    try { keys = Object.keys(localStorage); } catch { /* the same */ }
    for (const key of keys) if (key.startsWith(PREFIX) && sent.has(read(key)?.form)) drop(key);
  }

  for (const form of document.querySelectorAll("form[data-keeps]")) {
    const key = PREFIX + form.dataset.keeps, number = form.elements.form, said = form.querySelector("[data-kept-said]");
    const kept = read(key), text = form.elements.text;
    if (kept && text && !text.value) {
      for (const field of named(form)) {
        const value = kept.values?.[field.name];
        if (value === undefined) continue;
        if (field.type === "radio") field.checked = field.value === value;
        else field.value = value;
      }
      number.value = kept.form ?? number.value;
      form.closest("details")?.setAttribute("open", "");
      if (said) said.textContent = "What you had typed before stands here again. Choose files anew.";
    }
    form.addEventListener("input", () => {
      const fields = named(form).filter((field) => field.type !== "radio" || field.checked);
      const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
      if (Object.values(values).some(Boolean)) write(key, { form: number.value, values });
      else drop(key);
    });
  }
})();
