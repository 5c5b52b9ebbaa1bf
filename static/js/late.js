// Answers that come late, where several are asked for while one types. Dropped whole, as its other parts are as old as
// it is, is an answer whose place was replaced meanwhile, or is about to be by another answer on its way.
(() => {
  "use strict";
  const awaited = new Set();
  document.addEventListener("htmx:beforeRequest", ({ detail }) => { awaited.add(detail.target); });
  document.addEventListener("htmx:afterRequest", ({ detail }) => { awaited.delete(detail.target); });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const place = event.detail.target;
    const goes = [...awaited].some((other) => other !== place && other.contains(place));
    if (goes || !place.isConnected) event.preventDefault();
  });
})();
