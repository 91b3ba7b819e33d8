// Keyboard shortcuts of the review page. The buttons say which key is theirs (data-key); a key does what a click does.
// They are off where the person switched them off, in fields, and together with Ctrl, Alt or Meta.
const page = document.querySelector('[data-module="app-shortcuts"]');

if (page) {
  const buttons = new Map();
  for (const button of document.querySelectorAll("button[data-key]")) buttons.set(button.dataset.key, button);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
    const field = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (field) return;
    const button = buttons.get(event.key.toLowerCase());
    if (!button) return;
    event.preventDefault();
    buttons.clear(); // one deed a page
    button.click();
  });
}
