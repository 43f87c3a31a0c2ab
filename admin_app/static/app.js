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

// Thai digits are digits; a child's number says at once what is wrong with it, or that it is whole
const ascii = (text) => text.replace(/[๐-๙]/g, (d) => String(d.charCodeAt(0) - 0x0e50));
const pinSays = (typed) => {
  if (/\D/.test(typed)) return "pinLetters";
  if (typed.startsWith("9")) return "pinFirstDigit";
  if (typed.length !== 13) return "pinLength";
  const sum = [...typed].slice(0, 12).reduce((total, d, i) => total + Number(d) * (13 - i), 0);
  return (11 - (sum % 11)) % 10 === Number(typed[12]) ? "right" : "pinCheckDigit";
};
const gcodeSays = (typed) => {
  if (!/^G\d*$/.test(typed)) return "gcodeLetters";
  return typed.length === 13 ? "right" : "gcodeLength";
};
document.querySelectorAll('[data-check="id"]').forEach((field) => {
  const kind = field.form.querySelector("#id_kind");
  const live = document.createElement("span");
  live.id = `${field.id}-live`;
  live.setAttribute("role", "status");
  field.after(live);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} ${live.id}`.trim());
  const check = (left) => {
    const typed = ascii(field.value).replace(/[\s\-\u2010-\u2015\u2212]/g, "").toUpperCase();
    const says = { pin: pinSays, gcode: gcodeSays }[kind ? kind.value : "pin"];
    let said = typed && says ? says(typed) : "";
    if (said.endsWith("Length") && typed.length < 13 && !left) said = ""; // still typing
    const wrong = said !== "" && said !== "right";
    if (live.textContent !== (field.dataset[said] || "")) live.textContent = field.dataset[said] || "";
    live.className = wrong ? "error" : "whole";
    field.classList.toggle("wrong", wrong);
    field.setAttribute("aria-invalid", String(wrong));
  };
  field.addEventListener("input", () => check(false));
  field.addEventListener("change", () => check(true));
  if (kind) kind.addEventListener("change", () => check(true));
});

// a date may be picked, too: day, month and year of the Buddhist Era fill the field
const monthName = new Intl.DateTimeFormat(document.documentElement.lang, { month: "long" });
document.querySelectorAll("[data-pick]").forEach((field) => {
  const [pick, ...parts] = field.dataset.pick.split("|");
  const [back, ahead] = field.dataset.years.split(",").map(Number);
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const picker = make("details", { id: `${field.id}-picker`, className: "picker" });
  const head = make("summary", { textContent: pick });
  const box = make("div", {});
  const name = field.form.querySelector(`label[for="${field.id}"]`).textContent.replace("*", "").trim();
  head.append(make("span", { className: "sr", textContent: `: ${name}` }));
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", name);
  picker.append(head, box);
  const [day, month, year] = parts.map((text) => {
    const around = make("label", { textContent: text });
    const select = make("select", {});
    around.append(select);
    box.append(around);
    return select;
  });
  const read = () => (ascii(field.value).trim().match(/^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(.*)$/) || []).slice(1);
  const offer = (select, options, chosen) => {
    select.replaceChildren(new Option("–", ""), ...options.map(([value, text]) => new Option(text, value)));
    select.value = chosen || "";
  };
  const span = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => [from + i, from + i]);
  picker.addEventListener("toggle", () => {
    if (!picker.open) return;
    const now = new Date().getFullYear() + 543;
    const [d, m, y] = read().map(Number);
    const buddhist = y && y < 2400 ? y + 543 : y;
    offer(day, span(1, 31), d);
    offer(month, span(1, 12).map(([n]) => [n, monthName.format(new Date(2024, n - 1, 1))]), m);
    offer(year, span(Math.min(now - back, buddhist || now), Math.max(now + ahead, buddhist || now)).reverse(), buddhist);
    day.focus();
  });
  box.addEventListener("change", () => {
    if (!day.value || !month.value || !year.value) return;
    const last = new Date(year.value - 543, month.value, 0).getDate();
    if (day.value > last) day.value = last;
    const time = (read()[3] || "").trim() || (ascii(field.value).match(/\d{1,2}:\d{2}/) || [field.dataset.clock])[0];
    field.value = `${day.value}/${month.value}/${year.value}${time ? ` ${time}` : ""}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  picker.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { picker.open = false; head.focus(); }
  });
  field.after(picker);
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
