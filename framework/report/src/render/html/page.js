'use strict';
const all = (query, of = document) => [...of.querySelectorAll(query)];
// Filters: rows are hidden; the marks of hidden rows fade.
const form = document.querySelector('.filters');
if (form) {
  const rows = all('tr[data-c]'), marks = all('svg a');
  const filter = () => {
    const asked = [...new FormData(form)].filter(([, value]) => value), shown = new Set();
    let id = '';
    for (const row of rows) {
      id = row.id || id;
      row.hidden = asked.some(([name, value]) => name === 'c'
        ? !row.dataset.c.toLowerCase().includes(value.toLowerCase()) : row.dataset[name] !== value);
      if (!row.hidden) shown.add('#' + id + '\n' + row.dataset.b);
    }
    for (const mark of marks) mark.classList.toggle('off', !shown.has(mark.getAttribute('href') + '\n' + mark.dataset.b));
    document.body.classList.toggle('filtered', asked.length > 0);
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
for (const svg of all('svg')) {
  const marks = all('a', svg);
  marks.forEach((mark, index) => {
    const title = mark.querySelector('title'), words = title.textContent;
    mark.setAttribute('aria-label', words);
    title.remove();
    mark.tabIndex = index ? -1 : 0;
    const show = () => {
      const box = mark.getBoundingClientRect();
      tip.textContent = words; tip.hidden = false;
      tip.style.left = Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8)) + 'px';
      tip.style.top = (box.bottom + 6 + tip.offsetHeight > innerHeight ? box.top - 6 - tip.offsetHeight : box.bottom + 6) + 'px';
    };
    for (const name of ['mouseenter', 'focus']) mark.addEventListener(name, show);
    for (const name of ['mouseleave', 'blur']) mark.addEventListener(name, () => tip.hidden = true);
    mark.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const next = step && marks[index + step];
      if (event.key === 'Escape') tip.hidden = true;
      if (!next) return;
      event.preventDefault();
      mark.tabIndex = -1; next.tabIndex = 0; next.focus();
    });
  });
}
addEventListener('scroll', () => tip.hidden = true, true);
// What needs no scrolling is no stop of the keyboard.
const stops = () => all('.scroll').forEach(box => box.scrollWidth > box.clientWidth ? box.tabIndex = 0 : box.removeAttribute('tabindex'));
addEventListener('resize', stops); all('details').forEach(fold => fold.addEventListener('toggle', stops)); stops();
// A link into a fold opens it.
const reveal = () => { try { document.querySelector(location.hash)?.closest('details')?.setAttribute('open', ''); } catch {} };
addEventListener('hashchange', reveal); reveal();
