// The pages of the service, operated as people do.  node story.mjs SETTINGS.json [PART_OF_A_NAME]
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

const [settingsPath, part] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(settingsPath, 'utf8'));
const require = createRequire(join(settings.clients, 'package.json'));
const {chromium} = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [360, 768, 1280];
const SERIOUS = ['serious', 'critical'];

class Stage {
  constructor(browser) {
    this.browser = browser;
    this.contexts = [];
  }

  /// A page, signed in as `role` unless that is empty; what it complains of is a failure at the end.
  async open(path, role = 'admin', {width = 1280, ...options} = {}) {
    const context = await this.browser.newContext({viewport: {width, height: 900}, ...options});
    this.contexts.push(context);
    const token = role && (settings.tokens[role] || role);
    if (token) await context.addInitScript((value) => sessionStorage.setItem('understudy-token', value), token);
    const page = await context.newPage();
    page.complaints = [];
    page.on('console', (message) => page.complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => page.complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(settings.address) && !url.startsWith('data:') && !url.startsWith('blob:'))
        page.complaints.push(`request: ${url}`);
      if (/token|ust_/.test(url)) page.complaints.push(`a token in ${url}`);
    });
    await this.go(page, path);
    return page;
  }

  async go(page, path) {
    await page.goto(settings.address + path);
    await page.waitForSelector('html[data-ready]', {timeout: 30000});
  }

  /// No serious fault by axe's rules, at a phone's and a desktop's width, in both themes; nothing wider than the window.
  async look(page, name) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({colorScheme});
      for (const width of WIDTHS) {
        await page.setViewportSize({width, height: 900});
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${name} is ${wide} pixels wider than ${width}`);
        if (settings.shots) await page.screenshot({path: join(settings.shots, `${name}-${width}-${colorScheme}.png`),
          fullPage: true});
      }
      const found = await this.axe(page);
      assert.deepEqual(found, [], `${name}, ${colorScheme}`);
    }
    await page.emulateMedia({colorScheme: 'light'});
  }

  async axe(page) {
    // The page's policy lets no script in but its own: axe comes by the debugging interface, which is not bound by it.
    await page.evaluate(axe);
    const results = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
    return results.violations.filter((violation) => SERIOUS.includes(violation.impact))
      .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`);
  }

  async close(tolerated = []) {
    const complaints = this.contexts.flatMap((context) => context.pages()).flatMap((page) => page.complaints)
      .filter((complaint) => !tolerated.some((pattern) => pattern.test(complaint)));
    for (const context of this.contexts) await context.close();
    this.contexts = [];
    assert.deepEqual([...new Set(complaints)].slice(0, 5), []);
  }
}

const text = (page, selector) => page.locator(selector).first().innerText();

const checks = {
  async signing_in(stage) {
    const page = await stage.open('/', '');
    assert.equal(await text(page, 'h1'), 'Sign in');
    await stage.look(page, 'sign-in');
    await page.fill('#token', 'ust_wrong');
    await page.click('text=Sign in >> nth=-1');
    await page.waitForSelector('[role=alert]');
    assert.match(await text(page, '[role=alert]'), /nobody/);
    await page.fill('#token', settings.tokens.view);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#rehearsals');
    assert.match(await text(page, '#who'), /^view \(view\)/);
    assert.equal(await page.locator('button', {hasText: /^Start$/}).count(), 0, 'a viewer may start');
    await page.click('text=Sign out');
    await page.waitForSelector('#token');
    await stage.close([/401/]);
  },

  async the_evening(stage) {
    const page = await stage.open('/');
    await stage.look(page, 'runs');
    await page.locator('#rehearsals button', {hasText: 'Start'}).click();
    await page.locator('#rehearsals >> text=running').click();
    await page.waitForSelector('html[data-live]');
    await page.waitForFunction(() => /Step \d of \d: candidate/.test(document.querySelector('.step')?.textContent || ''),
      null, {timeout: 90000});
    await page.waitForFunction(() => /\d\/s/.test(document.querySelector('.measures')?.textContent || ''), null,
      {timeout: 60000});
    await stage.look(page, 'live');
    await page.waitForSelector('.error-list li', {timeout: 60000});
    assert.match(await text(page, '.error-list li'), /candidate: .*error|confirmation: .*error/);
    await page.waitForSelector('.live-head >> text=divergent', {timeout: 120000});
    await stage.look(page, 'live-over');
    await page.click('text=this run');
    await page.waitForSelector('#verdict.is-divergent');
    assert.equal(await text(page, '#verdict-heading'), 'Divergent');
    await page.locator('.opener').first().click();
    assert.match(await text(page, '.finding-body .explanation'), /note/);
    await page.locator('summary', {hasText: 'Accept as expected'}).click();
    await page.fill('input[name=reason]', 'the note is gone on purpose');
    await stage.look(page, 'run');
    await page.click('text=Accept this finding');
    await page.waitForSelector('text=/Accepted: from the next run/');
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click('text=Report as HTML')]);
    assert.match(saved.suggestedFilename(), /\.html$/);
    await stage.close();
  },

  async reading(stage) {
    const page = await stage.open(`/runs/${settings.small}`, 'view');
    await page.locator('.opener', {hasText: 'value in column'}).first().click();
    assert.ok(await page.locator('table.rows del').count() > 0, 'no row diff');
    assert.equal(await page.locator('text=Accept as expected').count(), 0, 'a viewer may accept');
    for (const name of ['Findings', 'Latency', 'Coverage', 'Timeline', 'Inputs', 'Run']) {
      assert.ok(await page.locator('.contents a', {hasText: name}).count() > 0, `no part ${name}`);
    }
    assert.equal(await text(page, '#fidelity h2'), 'Fidelity of staging');
    assert.equal(await page.locator('#fidelity tbody tr').count(), 2, 'gates and warnings');
    assert.match(await text(page, '#fidelity tbody'), /gate: it voids a verdict[^]*<img src=x onerror/);
    assert.equal(await page.locator('#fidelity img').count(), 0, 'what a server said became a part of the page');
    assert.match(await text(page, '#fidelity ul'), /98\.2 %[^]*3 more differences/);
    assert.doesNotMatch(await page.title(), /owned/);
    assert.match(await text(page, '#run'), /c{40}[^]*7/);
    await stage.look(page, 'run-small');
    const missing = await stage.open('/runs/nothing', 'view');
    assert.match(await text(missing, '[role=alert]'), /no such run/);
    await stage.close([/404/]);
  },

  async trends(stage) {
    const page = await stage.open('/trends', 'view');
    await page.waitForSelector('#rehearsal-trend svg');
    assert.ok(await page.locator('.plot-line').count() >= 6, 'lines are missing');
    await stage.look(page, 'trends');
    const statement = await stage.open('/trends?fingerprint=0123456789abcdef', 'view');
    await statement.waitForSelector('#statement-trend p');
    assert.match(await text(statement, '#statement-trend p'), /history/);
    await stage.close([/404/]);
  },

  async schedules(stage) {
    const page = await stage.open('/schedules');
    await page.fill('#schedule-cron', 'every day');
    await page.click('text=Set the schedule');
    await page.waitForSelector('p.problem');
    assert.match(await text(page, 'p.problem'), /five fields/);
    await page.fill('#schedule-cron', '30 2 * * mon-fri');
    await page.click('text=Set the schedule');
    await page.waitForSelector('text=30 2 * * mon-fri');
    assert.match(await text(page, '#schedules'), /02:30:00 UTC/);
    await stage.look(page, 'schedules');
    await page.click('text=Remove');
    await page.waitForSelector('text=Nothing is scheduled.');
    await stage.close([/422/]);
  },

  async keys_alone(stage) {
    const page = await stage.open('/');
    await page.keyboard.press('Tab');
    assert.equal(await text(page, ':focus'), 'Go to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const seen = [];
    for (let i = 0; i < 40; ++i) {
      if (await page.evaluate(() => document.activeElement === document.body)) break;  // past the last of them
      seen.push(await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return [document.activeElement.textContent, style.outlineStyle];
      }));
      await page.keyboard.press('Tab');
    }
    assert.ok(seen.some(([said]) => said === 'Start'), 'the button cannot be reached');
    assert.ok(seen.every(([, outline]) => outline !== 'none'), `no focus to be seen: ${JSON.stringify(seen)}`);
    await stage.close();
  },

  async ten_thousand_findings(stage) {
    const times = [];
    for (let i = 0; i < 3; ++i) {
      const page = await stage.open('/schedules', 'view');
      const begun = Date.now();
      await stage.go(page, `/runs/${settings.many}`);
      await page.locator('.opener').first().click();
      await page.waitForSelector('.finding-body');
      times.push(Date.now() - begun);
      await stage.close();
    }
    times.sort((a, b) => a - b);
    console.log(`a run of 10,000 findings answers a click after ${times.join(', ')} ms`);
    assert.ok(times[1] < 10000, `${times}`);
  },
};

const browser = await chromium.launch({executablePath: settings.chromium});
let failed = 0;
let ran = 0;
for (const [name, check] of Object.entries(checks)) {
  if (part && !name.includes(part)) continue;
  ++ran;
  const stage = new Stage(browser);
  let outcome = 'passed';
  try {
    await check(stage);
  } catch (error) {
    outcome = `FAILED: ${error.stack}`;
    ++failed;
    const pages = stage.contexts.flatMap((context) => context.pages());
    for (const page of pages) console.log(page.complaints.slice(0, 5),
      (await page.locator('body').innerText().catch(() => '')).slice(0, 600));
    for (const context of stage.contexts) await context.close().catch(() => {});
  }
  console.log(`${name}: ${outcome}`);
}
await browser.close();
console.log(`${ran} checks, ${failed} failed`);
process.exit(failed > 0 || ran === 0 ? 1 : 0);
