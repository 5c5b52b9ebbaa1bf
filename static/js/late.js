// An answer whose place was replaced while it was on its way is dropped whole: its other parts are as old as it is.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.target.isConnected) event.preventDefault();
});
