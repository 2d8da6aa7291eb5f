"use strict";
/* The sheet of a calibration case saves itself while it is filled in; here is said what became of it. */
(() => {
  const said = document.getElementById("saved"), form = document.getElementById("calibration-sheet");
  const TRY_AGAIN = 5000; // milliseconds
  let waiting = 0, unsaved = false;
  const say = (text, isWarning) => {
    said.textContent = text;
    said.classList.toggle("warning", isWarning);
  };
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.trigger(form, "change"), TRY_AGAIN);
  };
  let sending = false; // the form itself is on its way: what would be saved beside it is in it
  form.addEventListener("input", () => {
    unsaved = true;
    say("Not saved yet", false);
  });
  form.addEventListener("submit", () => {
    unsaved = false;
    sending = true;
    clearTimeout(waiting);
    htmx.trigger(form, "htmx:abort");
  });
  window.addEventListener("pageshow", () => { sending = false; });
  document.addEventListener("htmx:beforeRequest", (event) => { if (sending) event.preventDefault(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    unsaved = false;
    said.classList.remove("warning");
  });
  document.addEventListener("htmx:sendError", () => {
    say("Not saved: the connection is lost. What you typed stays on this page and is sent again.", true);
    again();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { status, responseText } = event.detail.xhr;
    if (status === 400 || status === 409) say(responseText, true);
    else {
      say("Not saved: the server did not answer as it should. It is tried again.", true);
      again();
    }
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
