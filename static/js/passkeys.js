/* Says in words why a passkey did not work; allauth's own script only tells the console. */
(function () {
  "use strict";

  const WORDS = {
    NotAllowedError: "The passkey was not used: the request was canceled or took too long. Try again.",
    InvalidStateError: "This device already has a passkey of this account.",
    SecurityError: "A passkey belongs to a name, not to a number: open this site as “localhost” or by its own name, over HTTPS.",
    NotSupportedError: "This device cannot hold such a passkey.",
  };

  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    const problem = document.getElementById("passkey-problem");
    const name = event.detail.exception ? event.detail.exception.name : "";
    const words = WORDS[name] || "The passkey could not be used. Reload the page and try again.";
    const alert = document.createElement("div");
    alert.className = "usa-alert usa-alert--error usa-alert--slim";
    alert.innerHTML = '<div class="usa-alert__body"><p class="usa-alert__text"></p></div>';
    alert.querySelector("p").textContent = words;
    problem.replaceChildren(alert);
  });
})();
