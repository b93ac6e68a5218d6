// Elements with data-follow show what that address has: it is asked every two seconds, and answers 304 where nothing is new.
const PAUSE = 2000;

for (const element of document.querySelectorAll("[data-follow]")) {
  follow(element, element.dataset.follow, null);
}

async function follow(element, address, tag) {
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  try {
    if (!document.hidden) {
      const response = await fetch(address, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
      if (response.status === 200) {
        tag = response.headers.get("ETag");
        show(element, await response.text());
      }
    }
  } catch {
    // The server is away; it may come back.
  }
  follow(element, address, tag);
}

// What a person has opened, scrolled to and put the focus on stays.
function show(element, html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const details of element.querySelectorAll("details[open][id]")) {
    parsed.getElementById(details.id)?.setAttribute("open", "");
  }
  const focused = element.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
  const scrolled = [...element.querySelectorAll(".scroll")].map((scroll) => scroll.scrollLeft);
  element.replaceChildren(...parsed.body.childNodes);
  [...element.querySelectorAll(".scroll")].forEach((scroll, place) => (scroll.scrollLeft = scrolled[place] ?? 0));
  if (focused) {
    const again = document.getElementById(focused);
    (again?.querySelector("summary") ?? again)?.focus({ preventScroll: true });
  }
}
