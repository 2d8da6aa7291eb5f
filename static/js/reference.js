"use strict";
/* The API's reference: its contents fold on a narrow screen, and paper shows every field. */
if (window.matchMedia("(max-width: 56rem)").matches) document.querySelector(".reference-nav")?.removeAttribute("open");
window.addEventListener("beforeprint", () => {
  document.querySelectorAll(".reference details").forEach((part) => part.setAttribute("open", ""));
});
