// The page in a real browser: `node page.test.mjs PAGE.html SHOTS`. Exits 1 if anything is not as it should be.
//
// The browser is the system's: Debian's Chromium, or whatever CHROMIUM names. Nothing is fetched from anywhere.

import { readFileSync, mkdirSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [page_path, shots] = process.argv.slice(2);
if (!page_path || !shots) throw new Error('usage: node page.test.mjs PAGE.html SHOTS');
const url = pathToFileURL(resolve(page_path)).href;
const axe = readFileSync(join(dirname(createRequire(import.meta.url).resolve('axe-core')), 'axe.min.js'), 'utf8');
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
let failed = 0;

/** One test with a page of its own, which may load nothing but itself and must not complain. */
async function test(name, options, body) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('request', request => request.url().split('#')[0] === url || faults.push(`asked for ${request.url()}`));
  page.on('console', message => message.type() === 'error' && faults.push(`console: ${message.text()}`));
  page.on('pageerror', error => faults.push(`error: ${error.message}`));
  const want = (is, what) => is || faults.push(what);
  try {
    await page.goto(url);
    await body(page, want);
  } catch (error) {
    faults.push(String(error));
  }
  await context.close();
  console.log(`${faults.length ? 'FAIL' : 'ok  '} ${name}`);
  faults.forEach(fault => console.log(`     ${fault}`));
  failed += faults.length;
}

/** What axe-core finds, everything unfolded. */
async function accessible(page, want) {
  await page.evaluate(() => document.querySelectorAll('details').forEach(details => { details.open = true; }));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const { id, help, nodes } of violations) want(false, `${id}: ${help} (${nodes.length}): ${nodes[0].html.slice(0, 160)}`);
}

for (const colorScheme of ['light', 'dark']) {
  await test(`${colorScheme}: no finding of axe-core`, { colorScheme }, async (page, want) => {
    await page.screenshot({ path: join(shots, `${colorScheme}.png`) });
    await accessible(page, want);
  });
}

await test('a chosen colour goes before the system\'s, without JavaScript', { colorScheme: 'light', javaScriptEnabled: false }, async (page, want) => {
  const paper = () => page.locator('body').evaluate(body => getComputedStyle(body).backgroundColor);
  want(await paper() === 'rgb(255, 255, 255)', 'light is not white');
  await page.getByLabel('dark').check();
  want(await paper() === 'rgb(20, 23, 28)', `dark is ${await paper()}`);
});

await test('400 pixels are enough', { viewport: { width: 400, height: 800 } }, async (page, want) => {
  await page.screenshot({ path: join(shots, 'narrow.png') });
  await page.evaluate(() => document.querySelectorAll('details').forEach(details => { details.open = true; }));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  want(width <= 400, `the page is ${width} pixels wide`);
  await accessible(page, want);
});

await test('everything can be read without JavaScript', { javaScriptEnabled: false }, async (page, want) => {
  want(await page.locator('main section h2').count() > 3, 'sections are missing');
  want(await page.locator('figure svg').first().isVisible(), 'the first drawing is not shown');
  want(await page.locator('svg a > title').count() > 0, 'marks say nothing');
  want(!await page.locator('.filters').isVisible(), 'filters are shown that cannot work');
});

await test('filters leave what is asked for', {}, async (page, want) => {
  const rows = () => page.locator('tr[data-b]:visible');
  const all = await rows().count();
  const backend = await page.locator('select[name=b] option').nth(1).textContent();
  await page.locator('select[name=b]').selectOption(backend);
  const of_backend = await rows().evaluateAll(rows => rows.map(row => row.dataset.b));
  want(of_backend.length > 0 && of_backend.length < all && of_backend.every(name => name === backend), `rows of ${new Set(of_backend)}`);
  want((await page.locator('output').textContent()) === `${of_backend.length} of ${all} rows`, 'the count is wrong');
  want(await page.locator('svg a.off').count() > 0, 'no mark fades');
  await page.locator('select[name=b]').selectOption('');
  await page.locator('input[name=c]').fill('no such case');
  want(await rows().count() === 0, 'text does not filter');
  await page.locator('input[name=c]').fill('');
  want(await rows().count() === all, 'rows do not come back');
});

await test('a link leads to its case', {}, async (page, want) => {
  const place = await page.locator('tr[id^=case-]').last().getAttribute('id');
  await page.goto(`${url}#${place}`);
  want(await page.locator(`[id="${place}"]`).evaluate(row => {
    const box = row.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  }), 'the case is not in view');
  const dead = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')]
    .map(link => link.getAttribute('href').slice(1)).filter(id => !document.getElementById(id)));
  want(dead.length === 0, `links lead nowhere: ${dead.slice(0, 3)}`);
});

await test('the keyboard reaches and reads every mark', {}, async (page, want) => {
  await page.keyboard.press('Tab');
  want(await page.evaluate(() => document.activeElement.className) === 'skip', 'the first stop is not the skip link');
  const marks = page.locator('figure svg').first().locator('a');
  await marks.first().focus();
  const first = await marks.first().getAttribute('aria-label');
  want(await page.locator('.tip').isVisible() && await page.locator('.tip').textContent() === first, 'the first mark is not told');
  await page.keyboard.press('ArrowRight');
  const label = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  want(label && label === await marks.nth(1).getAttribute('aria-label'), 'the arrow does not lead to the next mark');
  want(await page.locator('.tip').textContent() === label, 'the second mark is not told');
});

await test('print is light and has no controls', { colorScheme: 'dark' }, async (page, want) => {
  await page.emulateMedia({ media: 'print' });
  await page.screenshot({ path: join(shots, 'print.png') });
  want(!await page.locator('nav').isVisible() && !await page.locator('.themes').isVisible(), 'controls are printed');
  const paper = await page.locator('body').evaluate(body => getComputedStyle(body).backgroundColor);
  want(paper === 'rgb(255, 255, 255)', `paper is ${paper}`);
});

await browser.close();
process.exit(failed ? 1 : 0);
