/* A link to a feedback form, for pages of other websites. With a script it opens the form in a dialog (or in its place);
   whenever anything fails it stays the plain link that it is. It keeps no cookie and no storage, and asks nothing of the
   server before somebody uses it.

   <script src="https://SITE/feedback.js" data-point="CODE" async></script>

   data-point   the code of the collection point (needed)
   data-kind    "help": the link says that one gets help; else that one gives feedback
   data-label   other words for the link        data-lang    "en" or "cy"; else the page's own language
   data-into    the id of an element to put the link into; else it stands where the script stands
   data-class   classes for the link            data-inline  the form stands in the page itself, at once */
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.dataset.point) return;
  const { point, kind, label, into, inline } = script.dataset;
  const asked = script.dataset.lang || document.documentElement.lang || "en";
  const language = asked.toLowerCase().startsWith("cy") ? "cy" : "en";
  const WORDS = {
    en: { give: "Give feedback on this service", help: "Get help with this service" },
    cy: { give: "Rhowch adborth ar y gwasanaeth hwn", help: "Cael help gyda’r gwasanaeth hwn" },
  }[language];
  const query = language === "cy" ? "?lang=cy" : "";
  const there = new URL(`/f/${encodeURIComponent(point)}`, script.src).href;

  const CSS = `
    :host { all: initial; }
    dialog, .place { box-sizing: border-box; padding: 24px; border: 2px solid #0b0c0c; background: #fff; color: #0b0c0c;
      font: 19px/1.35 Arial, Helvetica, sans-serif; }
    dialog { width: min(640px, calc(100vw - 16px)); max-height: calc(100vh - 32px); overflow: auto; }
    dialog::backdrop { background: rgb(11 12 12 / 0.6); }
    h2 { margin: 0 0 16px; font-size: 27px; line-height: 1.2; }
    h3 { margin: 16px 0 8px; font-size: 19px; }
    p, ul { margin: 0 0 16px; }
    fieldset { margin: 0 0 24px; padding: 0; border: 0; min-width: 0; }
    legend, .label { display: block; margin-bottom: 8px; padding: 0; font-weight: 700; }
    .hint { display: block; margin: 0 0 8px; color: #484949; }
    .choice { display: flex; gap: 12px; align-items: center; min-height: 44px; }
    .choice input { flex: none; width: 28px; height: 28px; margin: 0; accent-color: #0b0c0c; }
    textarea, .text { box-sizing: border-box; width: 100%; padding: 5px; border: 2px solid #0b0c0c; font: inherit; }
    .field { margin-bottom: 24px; }
    .error { display: block; margin-bottom: 8px; color: #ca3535; font-weight: 700; }
    .wrong { padding-left: 12px; border-left: 5px solid #ca3535; }
    .summary { margin-bottom: 24px; padding: 16px; border: 5px solid #ca3535; }
    .summary ul { margin: 0; padding: 0; list-style: none; }
    .summary a { color: #ca3535; font-weight: 700; }
    .help { margin-bottom: 16px; padding: 16px; border: 1px solid #cecece; background: #f3f3f3; }
    .buttons { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: center; }
    button { min-height: 44px; padding: 8px 12px; border: 2px solid transparent; background: #0f7a52; color: #fff; cursor: pointer;
      font: inherit; }
    button.close { border-color: #0b0c0c; background: #fff; color: #0b0c0c; }
    a { color: #1a65a6; text-underline-offset: 0.15em; }
    :focus-visible { outline: 3px solid #fd0; outline-offset: 0; box-shadow: 0 0 0 5px #0b0c0c; }
    h2:focus, .summary:focus { outline: none; box-shadow: none; }
    .nobody { position: absolute; left: -9999px; width: 1px; height: 1px; overflow: hidden; }`;

  const make = (name, given = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given)) {
      if (value === undefined || value === false || value === "") continue;
      if (key === "text") made.textContent = value;
      else made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter(Boolean));
    return made;
  };

  const ask = async (body) => {
    const answer = await fetch(`${there}/ask${query}`, {
      method: body ? "POST" : "GET",
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body && JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    if (answer.status >= 500 || !(answer.headers.get("Content-Type") || "").includes("json")) throw new Error("no answer");
    return answer.json();
  };

  const field = (question, number) => {
    const id = `q${number}`;
    const hint = question.hint && make("span", { class: "hint", id: `${id}-hint`, text: question.hint });
    const title = question.words + (question.required ? "" : ` ${question.optional}`);
    const described = hint ? `${id}-hint` : undefined;
    if (question.options.length) {
      const type = question.kind === "choices" ? "checkbox" : "radio";
      const choices = question.options.map((option, place) =>
        make("label", { class: "choice" },
          make("input", { type, name: question.key, value: option.value, id: place ? undefined : id }),
          make("span", { text: option.words })));
      return make("fieldset", { "aria-describedby": described, "data-key": question.key },
        make("legend", { text: title }), hint, ...choices);
    }
    const common = { id, name: question.key, "aria-describedby": described };
    const input = question.kind === "text"
      ? make("textarea", { ...common, rows: 5 })
      : make("input", { ...common, class: "text", type: { email: "email", phone: "tel" }[question.kind] || "text",
          autocomplete: { email: "email", phone: "tel" }[question.kind] });
    return make("div", { class: "field", "data-key": question.key },
      make("label", { class: "label", for: id, text: title }), hint, input);
  };

  const nobody = (form) => make("div", { class: "nobody", "aria-hidden": "true" },
    make("input", { name: form.trap, type: "text", tabindex: "-1", autocomplete: "off" }),
    make("select", { name: form.decoy, tabindex: "-1" },
      make("option", { value: "" }), make("option", { value: "maybe", text: "-" })));

  const heading = (text) => make("h2", { id: "title", tabindex: "-1", text });

  const say = (box, children, quietly) => {
    box.replaceChildren(...children.filter(Boolean));
    if (!quietly) box.querySelector("h2").focus();
  };

  const showThanks = (box, told, closing) => {
    const lines = told.help.map((line) => make("li", {},
      make("a", { href: `tel:${line.dialled}`, text: line.number }), ` ${line.name}, ${line.when}`));
    say(box, [
      heading(told.heading), make("p", { text: told.kept }), told.next && make("p", { text: told.next }),
      make("div", { class: "help" }, make("h3", { text: told.help_heading }), make("p", { text: told.help_words }), make("ul", {}, ...lines)),
      closing,
    ]);
  };

  const showProblems = (form, told, words) => {
    form.querySelectorAll(".summary, .error").forEach((each) => each.remove());
    form.querySelectorAll(".wrong").forEach((each) => each.classList.remove("wrong"));
    const lines = told.problems.map(({ question, what }) => {
      const part = [...form.querySelectorAll("[data-key]")].find((each) => each.dataset.key === question);
      const first = part && part.querySelector("input, textarea");
      if (!first) return make("li", { text: what });
      part.classList.add("wrong");
      const error = make("span", { class: "error", id: `${first.id}-error`, text: what });
      first.before(error);
      if (first.closest(".choice")) first.closest(".choice").before(error);
      const whole = part.matches("fieldset") ? part : first;
      const hint = part.querySelector(".hint");
      whole.setAttribute("aria-describedby", (hint ? `${hint.id} ` : "") + error.id);
      const link = make("a", { href: `#${first.id}`, text: what });
      link.addEventListener("click", (event) => { event.preventDefault(); first.focus(); });
      return make("li", {}, link);
    });
    const summary = make("div", { class: "summary", role: "alert", tabindex: "-1" },
      make("h3", { text: words.problem }), make("ul", {}, ...lines));
    form.prepend(summary);
    summary.focus();
  };

  const showForm = (box, told, close, quietly) => {
    const { words } = told;
    const closing = () => close && make("div", { class: "buttons" }, closeButton(words.close, close));
    if (told.closed) {
      say(box, [heading(told.closed.heading), make("p", { text: told.closed.words }), closing()], quietly);
      return;
    }
    const send = make("button", { type: "submit", text: words.send });
    const form = make("form", { novalidate: true }, ...told.questions.map(field), nobody(told),
      make("div", { class: "buttons" }, send, close && closeButton(words.close, close)));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (send.disabled) return;
      send.disabled = true;
      const given = new FormData(form), answers = {};
      for (const { key, kind: one } of told.questions) answers[key] = one === "choices" ? given.getAll(key) : given.get(key) || "";
      try {
        const answer = await ask({ state: told.state, answers, [told.trap]: given.get(told.trap), [told.decoy]: given.get(told.decoy) });
        if (answer.problems) showProblems(form, answer, words);
        else if (answer.closed) showForm(box, answer, close);
        else showThanks(box, answer.thanks, closing());
      } catch {
        showProblems(form, { problems: [{ what: words.failed }] }, words);
        form.querySelector(".summary ul").append(make("li", {}, make("a", { href: told.href, text: words.page })));
      }
      send.disabled = false;
    });
    say(box, [heading(told.title), form], quietly);
  };

  const closeButton = (text, close) => {
    const made = make("button", { type: "button", class: "close", text });
    made.addEventListener("click", close);
    return made;
  };

  const shadow = (where) => {
    const root = where.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // a <style> would be stopped by a page's content security policy
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    return root;
  };

  const openDialog = (told, link) => {
    const host = make("div", { lang: language });
    document.body.append(host);
    const dialog = make("dialog", { "aria-labelledby": "title" });
    shadow(host).append(dialog);
    dialog.addEventListener("close", () => { host.remove(); link.focus(); });
    dialog.showModal();
    showForm(dialog, told, () => dialog.close());
  };

  const link = make("a", { href: there + query, class: script.dataset.class, lang: language, text: label || (kind === "help" ? WORDS.help : WORDS.give) });
  const frame = (into && document.getElementById(into)) || make("div");
  if (!frame.isConnected) script.after(frame);
  frame.append(link);
  if (!("attachShadow" in frame) || !("adoptedStyleSheets" in document) || !window.HTMLDialogElement) return;

  if (inline !== undefined) {
    ask().then((told) => {
      if (!told.inline) return;
      const host = make("div", { lang: language });
      const place = make("section", { class: "place", "aria-labelledby": "title" });
      shadow(host).append(place);
      frame.append(host);
      showForm(place, told, null, true); // whoever reads the page is not taken away from where they are
      link.remove();
    }).catch(() => {});
    return;
  }

  let busy = false;
  link.setAttribute("role", "button");
  link.setAttribute("aria-haspopup", "dialog");
  const open = async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      const told = await ask();
      if (told.inline) openDialog(told, link);
      else window.location.assign(told.href);
    } catch {
      window.location.assign(link.href);
    }
    busy = false;
  };
  link.addEventListener("click", open);
  link.addEventListener("keydown", (event) => { if (event.key === " ") open(event); });
})();
