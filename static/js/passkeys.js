// Passkeys, beside django-allauth's own script: what needs them shows only where the browser has them,
// and what went wrong is said on the page instead of in the console.
(() => {
  "use strict";
  if (window.PublicKeyCredential) document.querySelectorAll("[data-passkey]").forEach((one) => { one.hidden = false; });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const trouble = document.getElementById("passkey-trouble");
    trouble.hidden = false;
    trouble.focus();
  });
})();
