// Starts the two component libraries. Their addresses carry hashes, so the page hands them over.
const { govuk, moj } = document.getElementById("app-start").dataset;

const [govukFrontend, mojFrontend] = await Promise.all([import(govuk), import(moj)]);
govukFrontend.initAll();
mojFrontend.initAll();

// The filter panel folds away on narrow screens; initAll of the library leaves it out.
for (const panel of document.querySelectorAll('[data-module="app-filter"]')) {
  new mojFrontend.FilterToggleButton(panel, {
    startHidden: true,
    toggleButton: { showText: "Show filters", hideText: "Hide filters", classes: "govuk-button--secondary govuk-!-margin-bottom-4" },
    toggleButtonContainer: { element: document.querySelector(".app-list__toggle") },
    closeButtonContainer: { element: panel.querySelector(".moj-filter__header-action") },
  });
}

document.documentElement.dataset.started = "yes";
