#include "render/html_assets.hpp"

namespace doctor::render {

const std::string_view html_style = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b2129; --soft: #5a6572; --line: #e1e5ea; --well: #f1f3f6;
  --red: #c02434; --red-soft: #fdebec; --amber: #8f5a00; --amber-soft: #fdf2dc; --amber-line: #e0a030;
  --blue: #1d5fb8; --blue-soft: #e8f0fb; --green: #1a7a44; --green-soft: #e5f5eb;
  --code: #f1f3f6; --run: #1c232c; --run-ink: #e9eef4; --run-line: #1c232c; --shadow: 0 1px 2px #0f172a14, 0 4px 16px #0f172a0a;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #11151a; --card: #191f26; --ink: #e3e8ee; --soft: #98a4b2; --line: #2b333d; --well: #212830;
    --red: #ff7a85; --red-soft: #3a1c22; --amber: #f0b95b; --amber-soft: #35290f; --amber-line: #b98423;
    --blue: #7db4ff; --blue-soft: #17293f; --green: #62d191; --green-soft: #15301f;
    --code: #262e37; --run: #0c0f13; --run-ink: #dbe3ec; --run-line: #2b333d; --shadow: none;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
main, footer { max-width: 58rem; margin: 0 auto; padding: 0 1rem; }
h1, h2, p, ul, ol, dl, dd, pre, table { margin: 0; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.3rem); line-height: 1.2; letter-spacing: -0.02em; font-weight: 700; }
h2 { font-size: 1.15rem; line-height: 1.35; letter-spacing: -0.01em; }
h3 { font-size: 1rem; line-height: 1.4; margin: 1.25rem 0 .5rem; }
dt, th { font-size: .8rem; font-weight: 600; color: var(--soft); }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; }
code, .mono { font-size: .875em; }
code { background: var(--code); border-radius: .3em; padding: .1em .35em; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: .2em; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }

.top { padding: 2.5rem 0 0; }
.brand { display: flex; align-items: center; gap: .5rem; margin-bottom: 1.25rem; font-weight: 600; }
.brand svg { width: 1.5rem; height: 1.5rem; flex: none; }
.target { margin-top: .5rem; font-size: 1.05rem; }
.facts { display: flex; flex-wrap: wrap; gap: .15rem 1.25rem; margin-top: .35rem; color: var(--soft); font-size: .875rem; }
.note { margin-top: 1rem; padding: .6rem .9rem; border-radius: .5rem; background: var(--amber-soft); color: var(--amber); }
.counts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; margin-top: 1.5rem; padding: 0; }
.counts div {
  display: flex; flex-direction: column-reverse; justify-content: flex-end; background: var(--card);
  border: 1px solid var(--line); border-radius: .6rem; padding: .5rem .6rem;
}
@media (min-width: 44rem) { .counts { grid-template-columns: repeat(7, minmax(0, 1fr)); gap: .6rem; } }
.counts dd { font-size: 1.5rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.counts dt { font-weight: 500; font-size: clamp(.66rem, .5rem + .7vw, .75rem); line-height: 1.3; overflow-wrap: normal; }
.counts .zero dd { color: var(--soft); font-weight: 400; }
.counts .error dd { color: var(--red); } .counts .warning dd { color: var(--amber); }
.counts .info dd { color: var(--blue); } .counts .passed dd { color: var(--green); } .counts .unexamined dd { color: var(--amber); }

.contents { margin-top: 1.5rem; padding: 0; list-style: none; }
.contents li { display: flex; gap: .6rem; align-items: baseline; padding: .2rem 0; }
.contents a { text-decoration: none; }
.contents a:hover { text-decoration: underline; }
.dot { flex: none; width: .6rem; height: .6rem; border-radius: 50%; background: var(--soft); }
.dot.error, .dot.failed { background: var(--red); } .dot.warning, .dot.unexamined { background: var(--amber-line); }
.dot.info { background: var(--blue); } .dot.passed { background: var(--green); }

section { margin-top: 2.5rem; }
section > h2 { margin-bottom: .75rem; }
.card {
  margin: 0 0 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem;
  box-shadow: var(--shadow); overflow: hidden;
}
.card > header { padding: 1.1rem 1.25rem .9rem; border-top: 4px solid var(--blue); }
.card.error > header { border-color: var(--red); } .card.warning > header { border-color: var(--amber-line); }
.card h2 { font-size: 1.25rem; margin: .35rem 0 .3rem; }
.chip {
  display: inline-block; border-radius: 1rem; padding: .05rem .6rem; font-size: .78rem; font-weight: 600; line-height: 1.5;
  background: var(--blue-soft); color: var(--blue);
}
.chip.error, .chip.failed, .chip.data-loss { background: var(--red-soft); color: var(--red); }
.chip.warning, .chip.unexamined, .chip.disruptive { background: var(--amber-soft); color: var(--amber); }
.chip.passed, .chip.safe { background: var(--green-soft); color: var(--green); }
.chip.skipped { background: var(--well); color: var(--soft); }
.rows { margin: 0; }
.rows > div { padding: .8rem 1.25rem; border-top: 1px solid var(--line); }
.rows dd > * + * { margin-top: .6rem; }
.rows dd ul, .rows dd ol { padding-left: 1.3rem; }
.rows dd li + li { margin-top: .25rem; }
@media (min-width: 44rem) {
  .rows > div { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); column-gap: 1rem; }
  .rows dt { padding-top: .2rem; }
}
.evidence { list-style: none; padding: 0 !important; display: grid; gap: .5rem; }
.evidence li { margin: 0 !important; }
.evidence .pair { display: inline-block; max-width: 100%; margin-right: .8rem; }
.evidence .pair > span { color: var(--soft); font-size: .875rem; margin-right: .35rem; }
.evidence .from { display: block; color: var(--soft); font-size: .8rem; margin-top: .1rem; }
@media (min-width: 44rem) {
  .evidence li { display: flex; gap: 1rem; justify-content: space-between; align-items: baseline; }
  .evidence .from { margin: 0; text-align: right; flex: none; max-width: 45%; }
}
pre {
  overflow-x: auto; border-radius: .5rem; padding: .7rem .9rem; font-size: .84rem; line-height: 1.55; tab-size: 4;
  background: var(--code); white-space: pre-wrap;
}
.run { position: relative; background: var(--run); border: 1px solid var(--run-line); border-radius: .5rem; }
.run pre { background: none; color: var(--run-ink); padding-right: 4.75rem; white-space: pre; }
.run button {
  position: absolute; top: .4rem; right: .4rem; padding: .4rem .6rem; border: 1px solid #ffffff2e; border-radius: .35rem;
  background: #2d3742; color: #dbe3ec; font: inherit; font-size: .75rem; font-weight: 600; line-height: 1; cursor: pointer;
}
@media (max-width: 43.99rem) {
  .run pre { white-space: pre-wrap; padding-right: .9rem; padding-bottom: .3rem; }
  .run button { position: static; display: block; margin: 0 .4rem .4rem auto; }
}
.run button:hover { background: #3b4754; }
.step > * + * { margin-top: .5rem; }
.step + .step { margin-top: 1rem !important; }
.where { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; font-size: .875rem; color: var(--soft); }
.void { border-left: 3px solid var(--amber-line); padding-left: .8rem; }
.void > * + * { margin-top: .5rem; }
details > summary { cursor: pointer; color: var(--soft); font-weight: 600; font-size: .9rem; }
details > summary:hover { color: var(--ink); }
.follows { border-top: 1px solid var(--line); background: var(--well); padding: .7rem 1.25rem; }
.follows ul { list-style: none; margin: .6rem 0 .2rem; padding: 0; display: grid; gap: .55rem; }
.follows li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .6rem; align-items: baseline; }
.follows .dot { position: relative; top: -.05rem; }

.panel { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: .35rem 1.25rem; box-shadow: var(--shadow); }
.list { list-style: none; padding: 0; }
.list > li { padding: .55rem 0; }
.list > li + li { border-top: 1px solid var(--line); }
.list .mono { display: block; font-weight: 600; }
.plain > li { color: var(--soft); }
.list.two > li { display: grid; gap: 0 1rem; }
@media (min-width: 44rem) { .list.two > li { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); align-items: baseline; } }
.events { list-style: none; padding: .5rem 0; }
.events > li { position: relative; padding: .3rem 0 .3rem 1.5rem; }
.events > li::before { content: ""; position: absolute; left: .3rem; top: 0; bottom: 0; border-left: 2px solid var(--line); }
.events > li::after { content: ""; position: absolute; left: 0; top: .8rem; width: .7rem; height: .7rem; border-radius: 50%; background: var(--card); border: 2px solid var(--soft); }
.events > li.failure::after { background: var(--red); border-color: var(--red); }
.events > li.before::after { background: var(--amber-line); border-color: var(--amber-line); }
.events > li.day { color: var(--soft); font-size: .8rem; font-weight: 600; padding-top: .7rem; }
.events > li.day::after { display: none; }
.events time { font-variant-numeric: tabular-nums; margin-right: .6rem; }
.more { margin-top: .75rem; }
.more > div, section > details > div { margin-top: .75rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: baseline; padding: .5rem .5rem; }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
tr + tr td, tbody tr td { border-top: 1px solid var(--line); }
td.time { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.time { text-align: right; }
td svg { display: block; width: 100%; height: .3rem; margin-top: .25rem; fill: var(--blue); }
td svg rect.track { fill: var(--well); }
.wide { min-width: 12rem; }
.checks .passed, .checks .failed, .checks .skipped, .checks .unexamined { white-space: nowrap; }
@media (min-width: 44rem) { .checks td:first-child { min-width: 6.5rem; } .checks .time { min-width: 5rem; } }
@media (max-width: 43.99rem) {
  .checks thead { display: none; }
  .checks tr { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: .1rem .6rem; padding: .6rem 0; align-items: baseline; }
  .checks tr + tr { border-top: 1px solid var(--line); }
  .checks td { border: 0 !important; padding: 0; }
  .checks td.wide { grid-row: 2; grid-column: 1 / -1; min-width: 0; }
}
footer { padding-top: 2.5rem; padding-bottom: 3rem; color: var(--soft); font-size: .85rem; }

@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --shadow: none; --run: #f1f3f6; --run-ink: #1b2129; --run-line: #d6dbe1; }
  body { font-size: 10.5pt; }
  main, footer { max-width: none; padding: 0; }
  .top { padding-top: 0; }
  .card { overflow: visible; }
  .card > header, h2, dt { break-after: avoid; }
  .rows > div, .list > li, .events > li, tr { break-inside: avoid; }
  .run pre { white-space: pre-wrap; padding-right: .9rem; }
  .run button { display: none; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

// Without it nothing is lost but the buttons: a command can be selected, and a browser can unfold by itself.
const std::string_view html_script = R"js(
for (const box of document.querySelectorAll(".run")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = box.querySelector("pre").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(box.querySelector("pre"));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  box.append(button);
}
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
)js";

const std::string_view html_policy =
    "default-src 'none'; style-src 'sha256-STpcskA8bhoMroqrZTdHTCwjotFgNeSC7o1sstKA/vw='; "
    "script-src 'sha256-6NAByvsWX3XXoqn9DmiQmEphl3Uzs07QLrZRzxJipPs='; base-uri 'none'; form-action 'none'";

}  // namespace doctor::render
