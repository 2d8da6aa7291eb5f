"use strict";
/* The editor is drawn anew with every answer. What was typed since its question left, the answer does not know: it is
   carried over into the new drawing at once, before anybody can type into it, and asked again. */
(() => {
  const EDITOR = "supply-editor";
  const isEditor = (node) => node?.id === EDITOR;
  const isTick = (field) => field.type === "checkbox" || field.type === "radio";
  let typed = new Map(); // id of a field -> what was typed into it since
  let caret = null, waits = false;

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.id && isEditor(field.form)) typed.set(field.id, isTick(field) ? field.checked : field.value);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isEditor(event.detail.elt)) return;
    typed = new Map();
    waits = false;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isEditor(event.detail.target)) return;
    const field = document.activeElement;
    try { caret = typed.has(field.id) ? [field.id, field.selectionStart, field.selectionEnd] : null; } catch { caret = null; }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!isEditor(event.target) || !typed.size) return;
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (!field) continue;
      if (isTick(field)) field.checked = value;
      else field.value = value;
    }
    const field = caret && document.getElementById(caret[0]);
    if (field) try { field.setSelectionRange(caret[1], caret[2]); } catch { /* a date has no caret */ }
    waits = true;
    if (!typed.has(document.activeElement.id)) ask();
  });
  /* Who is still typing is not interrupted: the field asks when it is left, though the browser sees no change in it. */
  const ask = () => {
    if (!waits) return;
    waits = false;
    htmx.trigger(document.getElementById(EDITOR), "change");
  };
  document.addEventListener("focusout", (event) => { if (isEditor(event.target.form)) ask(); });
})();
