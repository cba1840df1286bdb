// Adds to pages that work without it: the progress of an upload and of an import, and copying a code.
"use strict";

function showBar(place, percent, text) {
  let bar = place.querySelector("progress");
  if (!bar) {
    place.insertAdjacentHTML(
      "beforeend",
      '<div class="bar"><progress max="100" aria-label=""></progress><p role="status"></p></div>'
    );
    bar = place.querySelector("progress");
  }
  bar.value = percent;
  bar.setAttribute("aria-label", text);
  place.querySelector("[role=status]").textContent = text;
}

function upload(form, event) {
  event.preventDefault();
  const button = form.querySelector("button");
  const request = new XMLHttpRequest();
  const said = form.dataset;
  request.upload.addEventListener("progress", (sent) => {
    const percent = Math.floor((100 * sent.loaded) / sent.total);
    showBar(form, percent, percent < 100 ? `${said.sending} ${percent} %` : said.sealed);
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      window.location.assign(request.responseURL);
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = answer.querySelector("main");
    if (main) document.querySelector("main").replaceWith(main);
  });
  request.addEventListener("error", () => {
    button.disabled = false;
    showBar(form, 0, said.broken);
  });
  request.open("POST", form.action);
  request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
  request.send(new FormData(form));
  button.disabled = true;
  showBar(form, 0, `${said.sending} 0 %`);
}

async function watch(place) {
  try {
    const answer = await fetch(place.dataset.watch, { headers: { Accept: "application/json" } });
    const now = await answer.json();
    showBar(place, now.percent, now.text);
    if (now.is_over) {
      window.location.reload();
      return;
    }
  } catch {
    // The network or the sign-in is gone for the moment; the next look tells.
  }
  window.setTimeout(watch, 1000, place);
}

for (const form of document.querySelectorAll("form.upload")) {
  form.addEventListener("submit", (event) => upload(form, event));
}
for (const place of document.querySelectorAll("[data-watch]")) watch(place);

function offerCopy(button) {
  button.hidden = !navigator.clipboard;
  button.insertAdjacentHTML("afterend", '<span role="status"></span>');
  const said = button.nextElementSibling;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    said.textContent = button.dataset.copied;
  });
}

for (const button of document.querySelectorAll("[data-copy]")) offerCopy(button);
