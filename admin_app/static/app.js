"use strict";
// The panel works without this file; it makes forms quicker to use.
document.querySelectorAll("[data-submit]").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});
document.querySelectorAll("[data-sure]").forEach((button) => {
  button.addEventListener("click", (event) => {
    if (!window.confirm(button.dataset.sure)) event.preventDefault();
  });
});
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
document.querySelectorAll("details.more").forEach((menu) => {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); }
  });
});

// on a phone a list's filters fold away behind a button, so that its rows are seen
document.querySelectorAll("[data-fold]").forEach((button) => {
  const fold = (away) => { button.form.classList.toggle("folded", away); button.setAttribute("aria-expanded", String(!away)); };
  button.hidden = false;
  fold(true);
  button.addEventListener("click", () => fold(button.getAttribute("aria-expanded") === "true"));
});

// tick boxes: all at once, and how many are chosen
document.querySelectorAll("form.bulk").forEach((form) => {
  const all = form.querySelector("[data-all]");
  const boxes = [...form.querySelectorAll('input[name="rowid"]')];
  const label = form.querySelector("[data-count]");
  const words = label ? label.textContent : "";
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (label) label.textContent = chosen ? `${words} ${chosen}` : words;
    if (all) all.checked = chosen > 0 && chosen === boxes.length;
  };
  if (all) all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); show(); });
  boxes.forEach((box) => box.addEventListener("change", show));
});

// units while typing: code and name of those that have the words
document.querySelectorAll("[data-lookup]").forEach((field) => {
  let waiting = 0;
  field.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(async () => {
      const typed = field.value.trim();
      if (typed.length < 2) return;
      const answer = await fetch(`${field.dataset.lookup}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok || field.value.trim() !== typed) return;
      const units = await answer.json();
      field.list.replaceChildren(...units.map((unit) => new Option("", `${unit.code} ${unit.name}`)));
    }, 250);
  });
});

// time left, in the page's language
const left = () => {
  const th = document.documentElement.lang === "th";
  document.querySelectorAll("[data-until]").forEach((place) => {
    const minutes = Math.floor((new Date(place.dataset.until) - Date.now()) / 60000);
    if (minutes < 0) { place.textContent = ""; return; }
    const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60), rest = minutes % 60;
    const parts = days ? [days + (th ? " วัน" : " d"), hours + (th ? " ชม." : " h")]
      : [hours + (th ? " ชม." : " h"), rest + (th ? " นาที" : " min")];
    place.textContent = (th ? "(เหลือ " : "(") + parts.join(" ") + (th ? ")" : " left)");
  });
};
left();
setInterval(left, 30000);

// a file that is too large is told before it is sent
document.querySelectorAll("input[data-most]").forEach((field) => {
  field.addEventListener("change", () => {
    const file = field.files[0];
    field.setCustomValidity(file && file.size > Number(field.dataset.most) ? field.dataset.tooBig : "");
    field.reportValidity();
  });
});

// Thai digits are digits; a national ID shows at once whether its check digit is right
const ascii = (text) => text.replace(/[๐-๙]/g, (d) => String(d.charCodeAt(0) - 0x0e50));
document.querySelectorAll('[data-check="pin"]').forEach((field) => {
  const kind = document.getElementById("id_kind");
  const check = () => {
    const digits = ascii(field.value).replace(/[\s-]/g, "");
    if (!digits || (kind && kind.value !== "pin") || digits.length < 13) { field.classList.remove("wrong", "right-id"); return; }
    const sum = [...digits].slice(0, 12).reduce((total, d, i) => total + Number(d) * (13 - i), 0);
    const good = /^\d{13}$/.test(digits) && (11 - (sum % 11)) % 10 === Number(digits[12]);
    field.classList.toggle("wrong", !good);
    field.setAttribute("aria-invalid", String(!good));
  };
  field.addEventListener("input", check);
  if (kind) kind.addEventListener("change", check);
});

// a job's page follows it, and is loaded again when there is more to say
document.querySelectorAll("[data-job]").forEach((page) => {
  const follow = () => fetch(page.dataset.job, { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then((job) => {
      if (job.status !== page.dataset.status || String(Number(job.unanswered)) !== page.dataset.unanswered) { window.location.reload(); return; }
      page.querySelector("progress").value = job.percent;
      page.querySelector("[data-words]").textContent = job.words;
      setTimeout(follow, 2000);
    })
    .catch(() => setTimeout(follow, 10000));
  setTimeout(follow, 1000);
});

// the grid: totals while typing, rows on demand
document.querySelectorAll("[data-grid]").forEach((grid) => {
  const count = (field) => Number(ascii(field.value).replace(/,/g, "").trim()) || 0;
  const totals = () => {
    const columns = [];
    let grand = 0;
    grid.querySelectorAll("tbody tr").forEach((row) => {
      let sum = 0;
      row.querySelectorAll("[data-n]").forEach((field, i) => {
        const n = count(field);
        sum += n;
        columns[i] = (columns[i] || 0) + n;
      });
      grand += sum;
      row.querySelector("[data-row-total]").value = sum ? sum.toLocaleString() : "";
    });
    grid.querySelectorAll("[data-column]").forEach((out) => { out.value = columns[out.dataset.column] || ""; });
    grid.querySelector("[data-grand]").value = grand.toLocaleString();
  };
  grid.addEventListener("input", totals);
  totals();
  const add = document.querySelector("[data-add-row]");
  if (!add) return;
  add.hidden = false;
  add.addEventListener("click", () => {
    const rows = grid.querySelectorAll("tbody tr");
    const copy = rows[rows.length - 1].cloneNode(true);
    copy.querySelectorAll("input,select").forEach((field) => {
      field.name = field.name.replace(/^r\d+/, `r${rows.length}`);
      field.value = "";
      field.classList.remove("wrong");
    });
    copy.querySelectorAll(".error,.last").forEach((told) => told.remove());
    grid.querySelector("tbody").append(copy);
    copy.querySelector("input").focus();
    totals();
  });
});
