// What the page shows: with little and with much to show, in both themes, on paper, and without JavaScript.
import assert from 'node:assert/strict';

const WIDTHS = [360, 768, 1280];
const SCHEMES = ['light', 'dark'];

/// Opens every disclosure that is there, those inside others too.
async function openAll(page) {
  await page.evaluate(() => {
    for (const button of document.querySelectorAll('.opener[aria-expanded="false"]')) button.click();
    const open = (root) => root.querySelectorAll('details:not([open])').forEach((details) => {
      details.fill();
      details.open = true;
      open(details);
    });
    open(document);
  });
  await page.waitForTimeout(100);
}

async function axeViolations(stage, page) {
  await page.evaluate(stage.axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations']}));
  return result.violations.map((found) =>
    `${found.impact}: ${found.id}: ${found.help} (${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))})`);
}

const text = (page, selector) => page.locator(selector).first().innerText();

export const checks = {
  async verdict_same(stage) {
    const page = await stage.open('same');
    assert.equal(await text(page, '#verdict-heading'), 'Same');
    assert.equal(await page.locator('#verdict-heading .icon').count(), 1);
    assert.equal(await text(page, '#verdict .reasons'), 'The candidate answers as the baseline does.');
    assert.equal(await text(page, '.findings .nothing'), 'There are no findings.');
    assert.equal(await page.title(), 'Same – Release 41: add shipments.carrier');
  },

  async verdict_divergent(stage) {
    const page = await stage.open('small');
    const report = stage.report('small');
    assert.equal(await text(page, '#verdict-heading'), 'Divergent');
    assert.match(await text(page, '.measures'), /92,640\s+99\.0 % of 93,612 steps/);
    assert.equal(await page.locator('.severities button').count(), 4);
    assert.equal(await page.locator('tr.finding').count(), report.findings.length);
    assert.equal(await page.locator('main > section').count(), 8);
    assert.match(await text(page, '#timeline'), /Times are UTC/);
    assert.match(await text(page, '#rules'), /line 9\s+expired\s+ignore/);
  },

  async verdict_inconclusive(stage) {
    const page = await stage.open('inconclusive');
    assert.equal(await text(page, '#verdict-heading'), 'Inconclusive');
    assert.match(await text(page, '.limits'), /not compared[^]*67\.8 %[^]*over the limit/);
  },

  async fields_that_are_absent(stage) {
    const page = await stage.open('bare');
    await openAll(page);
    assert.equal(await page.locator('td.severity').count(), 0);
    assert.equal(await page.locator('#latency, #timeline, #rules').count(), 0);
    assert.equal(await page.locator('.rows .missing').count(), 1);
    assert.equal(await page.locator('.severities').count(), 0);
  },

  async reports_that_cannot_be_read(stage) {
    for (const [name, says] of [['newer', /format version 2/], ['broken', /cannot be read/]]) {
      const page = await stage.open(name, '', {tolerant: true});
      assert.match(await text(page, '[role=alert]'), says);
      assert.deepEqual(page.complaints, []);
    }
  },

  async row_differences(stage) {
    const page = await stage.open('small', '#finding-b07e55');
    assert.equal(await page.locator('.rows del.value').count(), 4);
    assert.equal(await page.locator('.rows ins.value').count(), 4);
    assert.equal(await text(page, '.rows del .null'), 'NULL');
    assert.equal(await text(page, '.rows ins .null'), '(empty text)');
    assert.match(await text(page, '.rows tbody:last-child'), /Baseline only[^]*no such row/);
    assert.equal(await text(page, '.rows del .middle'), '25');
    assert.match(await page.locator('.rows del.value').first().evaluate((node) => getComputedStyle(node).textDecorationLine),
      /underline/);
  },

  async latency_drawing(stage) {
    const page = await stage.open('small');
    const place = page.locator('.place').first();
    assert.match(await place.locator('summary').innerText(), /regressed\s+× 4\.60 \(4\.04 to 5\.19\)/);
    assert.equal(await place.locator('svg[role=img]').count(), 1);
    assert.match(await place.locator('svg[role=img]').getAttribute('aria-label'),
      /Baseline median 420 µs, candidate median 1\.93 ms/);
    assert.ok(await place.locator('.tick-label').count() >= 3);
    assert.match(await place.locator('.numbers').innerText(), /Baseline\s+420 µs\s+1\.01 ms\s+1\.72 ms/);
    assert.equal(await page.locator('.place').count(), 4);
    assert.match(await text(page, '#latency > p'),
      /^5 pairs of runs\. 12 of 31 statements could be judged\. A statement that takes 35 %/);
    await page.locator('.place').nth(3).locator('summary').click();
    // A disclosure's content is made when it opens, a moment after the click.
    await page.locator('.place').nth(3).getByText('It ran three times').waitFor({timeout: 5000});
  },

  async widths_and_themes(stage) {
    const small = await stage.open('small', '#finding-b07e55');
    for (const width of stage.keepsPictures ? WIDTHS : []) {
      await small.setViewportSize({width, height: 900});
      for (const colorScheme of SCHEMES) {
        await small.emulateMedia({colorScheme});
        await small.reload();
        await stage.picture(small, `small-${width}-${colorScheme}`);
      }
    }
    const widest = {small: WIDTHS, hostile: WIDTHS, same: [360], inconclusive: [360], bare: [360]};
    for (const [name, widths] of Object.entries(widest)) {
      const page = await stage.open(name);
      await openAll(page);
      for (const width of widths) {
        await page.setViewportSize({width, height: 900});
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${name} at ${width}: ${over} pixels too wide`);
      }
      await stage.close();
    }
  },

  async accessibility(stage) {
    const both = ['light', 'dark'];
    const looks = {small: [[1280, both], [360, both]], same: [[1280, both]], inconclusive: [[1280, ['light']], [360, ['dark']]],
      bare: [[360, ['light']]]};
    for (const [name, widths] of Object.entries(looks)) {
      const page = await stage.open(name, '', {reducedMotion: 'reduce'});
      await openAll(page);
      for (const [width, schemes] of widths) {
        await page.setViewportSize({width, height: 900});
        for (const colorScheme of schemes) {
          await page.emulateMedia({colorScheme});
          const found = await axeViolations(stage, page);
          const where = `${name} ${width} ${colorScheme}`;
          found.filter((line) => !/^(serious|critical)/.test(line)).forEach((line) => console.log(`  ${where}: ${line}`));
          assert.deepEqual(found.filter((line) => /^(serious|critical)/.test(line)), [], where);
        }
      }
      await stage.close();
    }
  },

  async headings_in_order(stage) {
    const page = await stage.open('small');
    await openAll(page);
    const levels = await page.locator('h1,h2,h3,h4,h5').evaluateAll((nodes) => nodes.map((node) => Number(node.tagName[1])));
    assert.equal(levels[0], 1);
    levels.slice(1).forEach((level, i) => assert.ok(level <= levels[i] + 1, `h${level} after h${levels[i]}`));
    for (const landmark of ['header', 'nav', 'main', 'footer']) assert.ok(await page.locator(landmark).count() >= 1, landmark);
  },

  async paper(stage) {
    const page = await stage.open('small', '', {colorScheme: 'dark'});
    await page.emulateMedia({media: 'print'});
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    assert.equal(await page.locator('tr.detail:not([hidden]) .finding-body').count(), 4);
    assert.equal(await page.locator('details:not([open])').count(), 0);
    for (const control of ['.filters', '.contents', 'button.plain >> nth=0']) {
      assert.equal(await page.locator(control).isVisible(), false, control);
    }
    await stage.picture(page, 'small-paper');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    assert.equal(await page.locator('tr.detail:not([hidden])').count(), 0);
    await page.emulateMedia({media: null});
    assert.ok((await page.pdf({format: 'A4'})).length > 20000);
  },

  async without_javascript(stage) {
    const page = await stage.open('small', '', {tolerant: true, javaScriptEnabled: false});
    assert.match(await text(page, '#verdict-heading'), /^DIVERGENT: 4 findings in 2,721 steps/);
    assert.equal(await text(page, 'h1'), 'Release 42: split order totals');
    assert.match(await text(page, 'noscript'), /JavaScript/);
    assert.deepEqual(page.complaints.filter((line) => !/Blocked script/.test(line)), []);
    await stage.picture(page, 'small-no-javascript');
  },

  async motion(stage) {
    for (const [reducedMotion, moves] of [['reduce', false], ['no-preference', true]]) {
      const page = await stage.open('small', '', {reducedMotion});
      const lasts = await page.locator('.opener').first()
        .evaluate((node) => getComputedStyle(node, '::before').transitionDuration);
      assert.equal(lasts !== '0s', moves);
    }
  },
};
