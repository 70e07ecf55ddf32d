'use strict';
const all = (query, of = document) => [...of.querySelectorAll(query)];
// Filters: rows are hidden; the marks of hidden rows fade.
const form = document.querySelector('.filters');
if (form) {
  // A row without a name belongs to the case above; it is given the name while the row that has it is hidden.
  const rows = all('tr[data-b]'), marks = all('svg a');
  let above;
  for (const row of rows) {
    const name = row.cells[0].textContent;
    if (row.id) above = { id: row.id, c: row.dataset.s + '/' + name, s: row.dataset.s, name };
    row.of = above;
  }
  const filter = () => {
    const asked = [...new FormData(form)].filter(([, value]) => value), shown = new Set();
    let named;
    for (const row of rows) {
      const of = { ...row.dataset, c: row.of.c, s: row.of.s };
      row.hidden = asked.some(([name, value]) => name === 'c'
        ? !of.c.toLowerCase().includes(value.toLowerCase()) : of[name] !== value);
      if (row.hidden) continue;
      shown.add('#' + row.of.id + '\n' + of.b);
      if (!row.id) row.cells[0].textContent = named === row.of ? '' : row.of.name;
      named = row.of;
    }
    for (const mark of marks) {
      const backend = mark.closest('[data-b]').dataset.b;
      mark.classList.toggle('off', !shown.has(mark.getAttribute('href') + '\n' + backend));
    }
    form.querySelector('output').textContent = asked.length
      ? rows.filter(row => !row.hidden).length + ' of ' + rows.length + ' rows' : '';
  };
  form.hidden = false;
  form.addEventListener('input', filter);
  form.addEventListener('submit', event => event.preventDefault());
  filter();
}
// Marks: what they say stands beside them at once; arrows go from one to the next.
const tip = document.body.appendChild(document.createElement('div'));
tip.className = 'tip'; tip.hidden = true; tip.setAttribute('aria-hidden', 'true');
let told = null;
const tell = () => {
  tip.hidden = !told;
  if (!told) return;
  tip.textContent = told.getAttribute('aria-label');
  const box = told.getBoundingClientRect(), below = box.bottom + 6;
  tip.style.left = Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8)) + 'px';
  tip.style.top = (below + tip.offsetHeight > innerHeight ? box.top - 6 - tip.offsetHeight : below) + 'px';
};
for (const svg of all('svg')) {
  const marks = all('a, [tabindex]', svg);
  marks.forEach((mark, index) => {
    const title = mark.querySelector('title');
    mark.setAttribute('aria-label', title.textContent);
    title.remove();
    mark.tabIndex = index ? -1 : 0;
    for (const name of ['mouseenter', 'focus']) mark.addEventListener(name, () => { told = mark; tell(); });
    for (const name of ['mouseleave', 'blur']) mark.addEventListener(name, () => { told = null; tell(); });
    mark.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const next = step && marks[index + step];
      if (event.key === 'Escape') { told = null; tell(); }
      if (!next) return;
      event.preventDefault();
      mark.tabIndex = -1; next.tabIndex = 0; next.focus();
    });
  });
}
addEventListener('scroll', tell, true);
// What needs no scrolling is no stop of the keyboard.
const stops = () => all('.scroll').forEach(box => box.scrollWidth > box.clientWidth ? box.tabIndex = 0 : box.removeAttribute('tabindex'));
addEventListener('resize', stops); all('details').forEach(fold => fold.addEventListener('toggle', stops)); stops();
// A link into a fold opens it.
const reveal = () => { try { document.querySelector(location.hash)?.closest('details')?.setAttribute('open', ''); } catch {} };
addEventListener('hashchange', reveal); reveal();
