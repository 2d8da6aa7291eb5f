"use strict";
/* The page of the method: closes its tables, follows the sliders, and asks the server to score each setting. */
(() => {
  const NARROW = window.matchMedia("(max-width: 56rem)");
  for (const table of document.querySelectorAll("details.as-table[open]")) table.removeAttribute("open");
  if (NARROW.matches) document.querySelector(".method-nav")?.removeAttribute("open");

  /* Two means: every pair was worked out by the server, the sliders look it up. */
  const mean = document.querySelector("[data-mean]");
  if (mean) {
    const grid = JSON.parse(document.getElementById(mean.dataset.mean).textContent);
    const first = document.getElementById("mean-first"), second = document.getElementById("mean-second");
    const place = mean.querySelector("[data-mean-chart]"), said = mean.querySelector("[data-mean-said]");
    const source = document.createElement("script");
    source.type = "application/json";
    source.id = "mean-chart-data";
    mean.append(source);
    place.dataset.source = source.id;
    place.dataset.chart = "mean";
    const show = () => {
      const plain = grid.plain[first.value / grid.step][second.value / grid.step];
      const counts = grid.geometric[first.value / grid.step][second.value / grid.step];
      mean.querySelector('[data-mean-value="first"]').textContent = first.value;
      mean.querySelector('[data-mean-value="second"]').textContent = second.value;
      said.textContent = `${first.value} and ${second.value} count together as ${counts}; a plain average would say ${plain}.`;
      source.textContent = JSON.stringify({
        rows: [
          { label: "One domain", value: Number(first.value), text: first.value },
          { label: "Another", value: Number(second.value), text: second.value },
          { label: "Plain average", value: Number(plain), text: plain, plain: true },
          { label: "Counts as", value: Number(counts), text: counts, strong: true },
        ],
      });
      window.dscrCharts?.drawAll();
    };
    first.addEventListener("input", show);
    second.addEventListener("input", show);
    show();
  }

  /* The worked example. */
  const form = document.getElementById("example-form");
  if (!form) return;
  const result = document.getElementById("example-result"), said = document.getElementById("example-said");
  const sliders = [...form.querySelectorAll("[data-slides]")];
  const fieldOf = (slider) => document.getElementById(slider.dataset.slides);
  const speak = (slider) => slider.setAttribute("aria-valuetext", `${fieldOf(slider).value} ${slider.dataset.unit}`.trim());
  sliders.forEach(speak);

  const setErrors = (errors) => {
    for (const place of form.querySelectorAll("[data-error]")) {
      const text = errors[place.dataset.error] ?? "";
      place.textContent = text;
      const field = document.getElementById(`in-${place.dataset.error}`);
      field.toggleAttribute("aria-invalid", false);
      if (text) field.setAttribute("aria-invalid", "true");
      place.closest(".example-input")?.classList.toggle("usa-form-group--error", Boolean(text));
    }
  };
  const take = (answer) => {
    const open = result.querySelector("#losses-table")?.open;
    result.innerHTML = answer.html;
    const table = result.querySelector("#losses-table");
    if (table && !open) table.removeAttribute("open");
    setErrors(answer.errors);
    for (const place of form.querySelectorAll("[data-shown]")) {
      if (answer.shown && place.dataset.shown in answer.shown) place.textContent = answer.shown[place.dataset.shown];
    }
    said.textContent = answer.sentence ?? Object.values(answer.errors).join(" ");
    if (answer.address) window.history.replaceState(null, "", answer.address);
    window.dscrCharts?.drawAll();
  };

  let waiting = null, asked = null;
  const score = async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const query = new URLSearchParams(new FormData(form));
      const response = await fetch(`${form.dataset.score}?${query}`, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (response.redirected) window.location.reload(); // signed out meanwhile
      else take(await response.json());
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = "The score could not be fetched. Check the connection and try again.";
    }
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(score, 150);
  };
  form.addEventListener("input", (event) => {
    const item = event.target;
    if (item.dataset.slides) fieldOf(item).value = item.value;
    const slider = item.dataset.slides ? item : sliders.find((other) => other.dataset.slides === item.id);
    if (slider && slider !== item) slider.value = item.value;
    if (slider) speak(slider);
    later();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    score();
  });
  document.getElementById("example-reset").addEventListener("click", (event) => {
    event.preventDefault();
    for (const field of form.querySelectorAll("[data-rest]")) {
      if (field.type === "checkbox") field.checked = field.dataset.rest === "1";
      else field.value = field.dataset.rest;
    }
    for (const slider of sliders) {
      slider.value = fieldOf(slider).value;
      speak(slider);
    }
    score();
  });

  /* A link to a field opens the block that holds it. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#in-"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    field.focus();
  });

  /* Where the reader is, marked in the side navigation. */
  const links = new Map([...document.querySelectorAll('.usa-sidenav a[href^="#"]')].map((link) => [link.hash.slice(1), link]));
  const headings = [...document.querySelectorAll(".method__body h2[id]")];
  const mark = () => {
    if (!headings.length) return; // the what-if page of a product has the example alone
    const current = headings.filter((heading) => heading.getBoundingClientRect().top < 120).pop() ?? headings[0];
    for (const [id, link] of links) {
      const here = id === current.id && !link.nextElementSibling;
      link.classList.toggle("usa-current", here);
      if (here) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  let marking = false;
  window.addEventListener("scroll", () => {
    if (marking) return;
    marking = true;
    requestAnimationFrame(() => { mark(); marking = false; });
  }, { passive: true });
  mark();

  /* Printing shows every table. */
  window.addEventListener("beforeprint", () => {
    for (const item of document.querySelectorAll("details.as-table")) item.setAttribute("open", "");
  });
})();
