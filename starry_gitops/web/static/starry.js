// All of it is comfort: every page works without.
(() => {
  "use strict";
  const root = document.documentElement;
  const themes = ["", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("theme") || ""; } catch { return ""; } };
  const show = (theme) => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };
  root.classList.add("script");
  show(stored());

  // The words of starry_gitops/web/htmlviews.py.
  const distance = (seconds) => {
    const whole = Math.floor(Math.abs(seconds));
    const days = Math.floor(whole / 86400), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60);
    if (whole < 60) return "less than a minute";
    if (whole < 3600) return `${minutes} min`;
    if (whole < 86400) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
  };

  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const utc = (date) => `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;

  const ownZone = (within = document) => {
    for (const time of within.querySelectorAll("time")) {
      const date = new Date(time.dateTime);
      if (Number.isNaN(date.getTime())) continue;
      if (time.classList.contains("until")) time.title = `${local.format(date)} here, ${utc(date)}`;
      else { time.textContent = local.format(date); time.title = utc(date); }
    }
  };

  const countDown = () => {
    for (const time of document.querySelectorAll("time.until")) {
      const left = (new Date(time.dateTime) - Date.now()) / 1000;
      const text = left > 0 ? `in ${distance(left)}` : `${distance(left)} ago`;
      if (time.textContent !== text) time.textContent = text;
      const badge = left <= 0 && time.closest("[data-until]")?.querySelector(".badge.live, .badge.soon");
      if (badge) { badge.className = "badge expired"; badge.textContent = "expired"; }
    }
  };

  const slider = (field) => {
    const [text, range] = field.querySelectorAll("input");
    const steps = range.dataset.steps.split(" ");
    const follow = () => {
      const place = steps.indexOf(text.value.trim());
      if (place >= 0) range.value = place;
      range.setAttribute("aria-valuetext", text.value);
    };
    range.addEventListener("input", () => { text.value = steps[range.value]; follow(); });
    text.addEventListener("input", follow);
    follow();
  };

  // A second click does nothing; the server would do nothing twice either.
  const busy = (form) => {
    let clock = 0;
    form.addEventListener("submit", (event) => {
      if (clock) { event.preventDefault(); return; }
      const line = document.querySelector("[data-toast]"), begun = Date.now();
      const words = event.submitter?.value === "check" ? "Looking at what would change" : form.dataset.busy;
      const tell = () => {
        const seconds = Math.round((Date.now() - begun) / 1000);
        line.textContent = seconds < 2 ? `${words}…` : `${words}… ${seconds} s. Others may be pushing too; Starry tries again by itself.`;
      };
      form.setAttribute("aria-busy", "true");
      tell();
      clock = setInterval(tell, 1000);
    });
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      clearInterval(clock);
      clock = 0;
      form.removeAttribute("aria-busy");
      document.querySelector("[data-toast]").textContent = "";
    });
  };

  // Says that the branch has moved; what is on the screen stays until it is asked for.
  const follow = ({ events, revision, overlay, name }) => {
    let source = null;
    const tell = (event) => {
      const change = JSON.parse(event.data);
      const mine = (one) => one.overlay === overlay && (!name || one.name === name);
      if (change.revision === revision || (change.previews.length && !change.previews.some(mine))) return;
      if (document.querySelector("form[aria-busy]")) return;
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = "Show it";
      document.querySelector("[data-toast]").replaceChildren(`${name || "The list"} has changed. `, link);
    };
    // A hidden page keeps no connection.
    const turn = () => {
      if (document.hidden) { source?.close(); source = null; }
      else if (!source) { source = new EventSource(events); source.addEventListener("branch", tell); }
    };
    addEventListener("pagehide", () => { source?.close(); source = null; });
    document.addEventListener("visibilitychange", turn);
    turn();
  };

  // A part of a page that takes its time; nothing when it cannot be had.
  const load = async (place) => {
    try {
      const answer = await fetch(place, { headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) return null;
      return new DOMParser().parseFromString(await answer.text(), "text/html").body;
    } catch { return null; }
  };

  // What is not well is asked for again, as long as somebody looks.
  const fill = async (place) => {
    const part = document.hidden ? null : await load(place.dataset.part);
    if (part) {
      ownZone(part);
      if (part.textContent !== place.textContent && !place.querySelector("details[open]")) place.replaceChildren(...part.childNodes);
    }
    const again = place.querySelector("[data-again]")?.dataset.again;
    if (again !== "") setTimeout(() => fill(place), (Number(again) || 30) * 1000);
  };

  const suggest = (list) => {
    const pr = document.getElementById("pr");
    const ask = async () => {
      const place = new URL(list.dataset.tags, location.href);
      if (pr) place.searchParams.set("pr", pr.value);
      const part = await load(place);
      if (part) list.replaceChildren(...part.childNodes);
    };
    pr?.addEventListener("change", ask);
    ask();
  };

  const themeSwitch = (button) => {
    const name = () => { button.setAttribute("aria-label", `Theme: ${stored() || "as the system"}`); button.title = button.getAttribute("aria-label"); };
    button.addEventListener("click", () => {
      const next = themes[(themes.indexOf(stored()) + 1) % themes.length];
      try { localStorage.setItem("theme", next); } catch { /* a private window */ }
      show(next);
      name();
    });
    name();
  };

  document.addEventListener("DOMContentLoaded", () => {
    ownZone();
    countDown();
    setInterval(countDown, 10_000);
    document.querySelectorAll("[data-ttl]").forEach(slider);
    document.querySelectorAll("form[data-busy]").forEach(busy);
    document.querySelectorAll("[data-part]").forEach(fill);
    document.querySelectorAll("[data-tags]").forEach(suggest);
    document.querySelectorAll("[data-theme-switch]").forEach(themeSwitch);
    if (document.body.dataset.events) follow(document.body.dataset);
    // A message is for once: neither a reload nor a link that is passed on repeats it.
    const place = new URL(location.href);
    if (place.searchParams.has("done")) {
      for (const key of ["done", "commit", "of"]) place.searchParams.delete(key);
      history.replaceState(null, "", place);
    }
  });
})();
