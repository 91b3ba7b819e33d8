// Asks the questions of a form without a network. Each answer is locked as it is saved, with a key that only the site
// has; what waits on this device cannot be read on it, by us either.
(() => {
  "use strict";
  const config = JSON.parse(document.getElementById("config").textContent);
  const place = `joinedup-offline-${config.form}-${config.version}-${config.lock.public.slice(-24)}`;
  const WORDS = {
    en: {
      save: "Save this answer", take: "Take the answers away", clear: "Remove them from this device",
      other: "Cymraeg", saved: "Saved and locked.", wait: (n) => n === 1 ? "1 answer waits on this device." : `${n} answers wait on this device.`,
      missing: "Answer this question", nothing: "Answer at least one question", problem: "There is a problem:",
      none: "There is nothing to take away.", sure: "Have you brought the file to the website? Removed answers cannot be had back.",
      yes: "Yes, remove them", no: "Keep them", removed: "The answers are removed from this device.",
      cannot: "This browser cannot lock answers, so none can be taken. Open the file in another browser.",
      full: "This device is full. Take the answers away before you go on.", taken: "The file is saved. Bring it to the website, then remove the answers here.",
      optional: "(optional)", name: "Answers",
    },
    cy: {
      save: "Cadw’r ateb hwn", take: "Mynd â’r atebion oddi yma", clear: "Eu tynnu o’r ddyfais hon",
      other: "English", saved: "Wedi’i gadw a’i gloi.", wait: (n) => `${n} ateb yn aros ar y ddyfais hon.`,
      missing: "Atebwch y cwestiwn hwn", nothing: "Atebwch o leiaf un cwestiwn", problem: "Mae problem:",
      none: "Nid oes dim i’w gymryd.", sure: "A ydych wedi dod â’r ffeil i’r wefan? Ni ellir cael atebion yn ôl ar ôl eu tynnu.",
      yes: "Ydw, eu tynnu", no: "Eu cadw", removed: "Mae’r atebion wedi’u tynnu o’r ddyfais hon.",
      cannot: "Ni all y porwr hwn gloi atebion, felly ni ellir cymryd dim. Agorwch y ffeil mewn porwr arall.",
      full: "Mae’r ddyfais hon yn llawn. Ewch â’r atebion oddi yma cyn parhau.", taken: "Mae’r ffeil wedi’i chadw. Dewch â hi i’r wefan, yna tynnwch yr atebion yma.",
      optional: "(dewisol)", name: "Atebion",
    },
  };
  let language = "en";
  const form = document.getElementById("form"), said = document.getElementById("said");
  const make = (tag, values = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...inside);
    return made;
  };
  const kept = () => JSON.parse(localStorage.getItem(place) || "[]");
  const say = (text, wrong = false) => { said.className = wrong ? "wrong" : ""; said.textContent = text; };

  const answerOf = (question) => {
    const inputs = [...form.querySelectorAll(`[name="${question.key}"]`)];
    if (question.kind === "choices") return inputs.filter((i) => i.checked).map((i) => i.value);
    if (question.options.length) return (inputs.find((i) => i.checked) || { value: "" }).value;
    return inputs.length ? inputs[0].value.trim() : "";
  };
  const isAsked = (question, byKey) => {
    if (!question.show_if) return true;
    const before = byKey.get(question.show_if.question);
    if (!before || !isAsked(before, byKey)) return false;
    return [].concat(answerOf(before)).some((value) => question.show_if.values.includes(value));
  };
  const byKey = new Map(config.questions.map((question) => [question.key, question]));
  const follow = () => config.questions.forEach((q) => { document.getElementById(`q-${q.key}`).hidden = !isAsked(q, byKey); });

  const draw = (answers = {}) => {
    const words = WORDS[language];
    document.documentElement.lang = language;
    document.querySelector("h1").textContent = config.title[language];
    for (const [id, text] of [["save", words.save], ["take", words.take], ["clear", words.clear], ["other", words.other]]) document.getElementById(id).textContent = text;
    document.getElementById("other").lang = language === "en" ? "cy" : "en";
    form.replaceChildren(...config.questions.map((q) => {
      const title = q.words[language] + (q.required ? "" : ` ${words.optional}`);
      const hint = q.hint[language] ? [make("p", { className: "hint", id: `h-${q.key}`, textContent: q.hint[language] })] : [];
      if (q.options.length) {
        const given = [].concat(answers[q.key] || []);
        const type = q.kind === "choices" ? "checkbox" : "radio";
        const set = make("fieldset", { id: `q-${q.key}` }, make("legend", { textContent: title }), ...hint,
          ...q.options.map((option, at) => {
            const id = `${q.key}-${at}`;
            const input = make("input", { type, name: q.key, id, value: option.value, checked: given.includes(option.value) });
            return make("div", { className: "choice" }, input, make("label", { htmlFor: id, textContent: option.words[language] }));
          }));
        if (hint.length) set.setAttribute("aria-describedby", `h-${q.key}`);
        return set;
      }
      const values = { name: q.key, id: q.key, value: answers[q.key] || "" };
      const input = q.kind === "text" ? make("textarea", { ...values, rows: 5, maxLength: q.longest })
        : make("input", { ...values, type: { email: "email", phone: "tel" }[q.kind] || "text", autocomplete: "off" });
      if (q.kind === "number") input.inputMode = "decimal";
      if (hint.length) input.setAttribute("aria-describedby", `h-${q.key}`);
      return make("div", { className: "question", id: `q-${q.key}` }, make("label", { htmlFor: q.key, textContent: title }), ...hint, input);
    }));
    follow();
    document.getElementById("count").textContent = words.wait(kept().length);
  };

  const base64 = (buffer) => btoa(Array.from(new Uint8Array(buffer), (octet) => String.fromCharCode(octet)).join(""));
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const locked = async (answers) => {
    const id = crypto.randomUUID();
    const outer = await crypto.subtle.importKey("spki", bytes(config.lock.public), { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
    const own = crypto.getRandomValues(new Uint8Array(32)), iv = crypto.getRandomValues(new Uint8Array(12));
    const inner = await crypto.subtle.importKey("raw", own, "AES-GCM", false, ["encrypt"]);
    const additionalData = new TextEncoder().encode(id.replaceAll("-", ""));
    const plain = new TextEncoder().encode(JSON.stringify({ at: new Date().toISOString(), language, answers }));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, inner, plain);
    const key = await crypto.subtle.encrypt({ name: "RSA-OAEP" }, outer, own);
    return { id, key: base64(key), iv: base64(iv), data: base64(data) };
  };

  const wrong = (question, text) => {
    const where = document.getElementById(`q-${question.key}`);
    where.classList.add("error");
    const id = `e-${question.key}`;
    const message = make("p", { className: "message", id, textContent: text });
    const title = where.querySelector("legend, label");
    title.after(message);
    const input = where.querySelector("input, textarea");
    input.setAttribute("aria-describedby", id);
    return input;
  };

  const save = async () => {
    const words = WORDS[language];
    form.querySelectorAll(".message").forEach((each) => each.remove());
    form.querySelectorAll(".error").forEach((each) => each.classList.remove("error"));
    const answers = {}, faults = [];
    for (const q of config.questions) {
      if (!isAsked(q, byKey)) continue;
      const given = answerOf(q);
      if (given.length) answers[q.key] = given;
      else if (q.required) faults.push(wrong(q, words.missing));
    }
    if (faults.length) { say(`${words.problem} ${words.missing}`, true); faults[0].focus(); return; }
    if (!Object.keys(answers).length) { say(`${words.problem} ${words.nothing}`, true); return; }
    const waiting = [...kept(), await locked(answers)];
    try { localStorage.setItem(place, JSON.stringify(waiting)); } catch { say(words.full, true); return; }
    draw();
    say(`${words.saved} ${words.wait(waiting.length)}`);
    document.querySelector("h1").focus();
  };

  const take = () => {
    const words = WORDS[language], responses = kept();
    if (!responses.length) { say(words.none, true); return; }
    const told = { [config.mark]: config.format, form: config.form, version: config.version, key: config.lock.sealed, responses };
    const url = URL.createObjectURL(new Blob([JSON.stringify(told)], { type: "application/json" }));
    const link = make("a", { href: url, download: `${words.name}-${new Date().toISOString().slice(0, 10)}.json` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    say(words.taken);
  };

  const clear = () => {
    const words = WORDS[language];
    if (!kept().length) { say(words.none, true); return; }
    say(words.sure, true);
    const yes = make("button", { type: "button", className: "warning", textContent: words.yes });
    const no = make("button", { type: "button", className: "second", textContent: words.no });
    yes.addEventListener("click", () => { localStorage.removeItem(place); draw(); say(words.removed); });
    no.addEventListener("click", () => say(""));
    said.append(make("br"), yes, no);
    yes.focus();
  };

  document.getElementById("save").addEventListener("click", save);
  document.getElementById("take").addEventListener("click", take);
  document.getElementById("clear").addEventListener("click", clear);
  document.getElementById("other").addEventListener("click", () => {
    const answers = Object.fromEntries(config.questions.map((q) => [q.key, answerOf(q)]));
    language = language === "en" ? "cy" : "en";
    draw(answers);
  });
  form.addEventListener("change", follow);
  form.addEventListener("submit", (event) => event.preventDefault());
  draw();
  if (!globalThis.crypto?.subtle) { say(WORDS.en.cannot, true); document.getElementById("save").disabled = true; }
})();
