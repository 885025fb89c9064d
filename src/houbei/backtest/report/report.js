// Both languages are in the page and the choice works without this. It only begins in the reader's language, keeps the
// choice for the next report, and lets `lang` and the title follow it.
(() => {
  const choices = [...document.querySelectorAll('input[name="language"]')];
  const wanted = (text) => choices.find((choice) => text && text.startsWith(choice.value.slice(0, 2)));
  const speak = (choice) => {
    choice.checked = true;
    document.documentElement.lang = choice.value;
    document.title = document.querySelector(`article[lang="${choice.value}"]`).dataset.title;
  };
  let kept = null;
  try { kept = localStorage.getItem("houbei-language"); } catch { /* a page without storage keeps nothing */ }
  const linked = wanted(location.hash.slice(1));
  speak(linked ?? wanted(kept) ?? (navigator.languages ?? []).map(wanted).find(Boolean) ?? choices[0]);
  if (linked) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  for (const choice of choices) {
    choice.addEventListener("change", () => {
      speak(choice);
      try { localStorage.setItem("houbei-language", choice.value); } catch { /* as above */ }
    });
  }
})();
