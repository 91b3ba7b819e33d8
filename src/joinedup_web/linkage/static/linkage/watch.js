// The list of stages follows the job; the progress bar above it is the frame's own.
const list = document.querySelector("[data-stages]");
const words = { done: "Done", now: "Now", "to come": "To come" };

const follow = async () => {
  try {
    const answer = await fetch(list.dataset.stages, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { stages } = await answer.json();
    if (!stages) return;
    [...list.children].forEach((item, place) => {
      const standing = stages[place];
      item.className = `app-stages__item app-stages__item--${standing.replace(" ", "-")}`;
      item.querySelector(".app-stages__standing").textContent = words[standing];
      if (standing === "now") item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
  } catch {
    return; // the link that loads the page again stays
  }
  window.setTimeout(follow, 2000);
};
if (list) window.setTimeout(follow, 1000);
