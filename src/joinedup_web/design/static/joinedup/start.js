// Starts the two component libraries. Their addresses carry hashes, so the page hands them over.
const { govuk, moj } = document.getElementById("app-start").dataset;

const [govukFrontend, mojFrontend] = await Promise.all([import(govuk), import(moj)]);
govukFrontend.initAll();
mojFrontend.initAll();

// The filter panel folds away on narrow screens; initAll of the library leaves it out.
for (const panel of document.querySelectorAll('[data-module="app-filter"]')) {
  new mojFrontend.FilterToggleButton(panel, {
    startHidden: false,
    toggleButton: { showText: "Show filters", hideText: "Hide filters", classes: "govuk-button--secondary govuk-!-margin-bottom-4" },
    toggleButtonContainer: { element: document.querySelector(".app-list__toggle") },
    closeButtonContainer: { element: panel.querySelector(".moj-filter__header-action") },
  });
}

// Progress follows the job; the link that loads the page again stays for when this fails.
for (const part of document.querySelectorAll('[data-module="app-progress"]')) {
  const words = part.querySelector(".app-progress__words");
  const bar = part.querySelector("progress");
  const ask = async () => {
    let state;
    try {
      const answer = await fetch(part.dataset.poll, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      state = await answer.json();
    } catch {
      return;
    }
    if (words.textContent !== state.words) words.textContent = state.words;
    if (state.total) {
      bar.max = state.total;
      bar.value = state.done;
    }
    if (state.finished) window.location.reload();
    else window.setTimeout(ask, 1000);
  };
  window.setTimeout(ask, 1000);
}

document.documentElement.dataset.started = "yes";
