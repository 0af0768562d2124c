// Text of the report never becomes markup or code, and the page asks nobody for anything.
import assert from 'node:assert/strict';

/// Opens and shows whatever the page can show of a report.
async function visitAll(page) {
  await page.evaluate(async () => {
    for (const button of document.querySelectorAll('.opener')) button.click();
    const open = (root) => root.querySelectorAll('details').forEach((details) => {
      if (details.fill) details.fill();
      details.open = true;
      open(details);
    });
    open(document);
    for (const select of document.querySelectorAll('.filters select')) {
      for (const option of [...select.options]) {
        select.value = option.value;
        select.dispatchEvent(new Event('change'));
      }
      select.value = '';
      select.dispatchEvent(new Event('change'));
    }
    for (const button of document.querySelectorAll('.opener[aria-expanded=false]')) button.click();
    for (const image of document.querySelectorAll('*')) image.dispatchEvent(new Event('error'));
    dispatchEvent(new Event('beforeprint'));
    await new Promise((done) => setTimeout(done, 300));
  });
}

async function unharmed(stage, name) {
  const page = await stage.open(name);
  const report = stage.report('hostile');
  await visitAll(page);
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.locator('img, iframe, object, embed, base, form[action]').count(), 0);
  assert.equal(await page.locator('script').count(), 2);
  assert.equal(await page.locator('link').count(), 1);
  const handlers = await page.evaluate(() => [...document.querySelectorAll('*')].filter((node) =>
    [...node.attributes].some((attribute) => /^on|^srcdoc$/i.test(attribute.name) || /javascript:/i.test(attribute.value) &&
      !/^(aria-label|data-|title|value|id)/.test(attribute.name))).map((node) => node.outerHTML.slice(0, 120)));
  assert.deepEqual(handlers, []);
  // The text itself is there, character for character.
  const shown = await page.evaluate(() => [...document.querySelectorAll('.sql')].map((node) => node.textContent));
  for (const finding of report.findings) {
    assert.ok(shown.includes(finding.statement), `not shown as it is: ${finding.statement}`);
    if (finding.example) assert.ok(shown.includes(finding.example.sql), finding.example.sql);
  }
}

export const checks = {
  async hostile_text(stage) {
    await unharmed(stage, 'hostile');
  },

  async hostile_text_by_hash(stage) {
    await unharmed(stage, 'hashed');
  },

  async policy(stage) {
    const page = await stage.open('hashed', '', {tolerant: true});
    await page.waitForSelector('html[data-ready]');
    const policy = await page.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content');
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'sha256-[A-Za-z0-9+/]{43}='/);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      document.body.append(Object.assign(new Image(), {src: 'http://192.0.2.1/a.png'}));
      return fetch('http://192.0.2.1/').catch(() => 0);
    });
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => window.ran), undefined);
    assert.equal(page.complaints.filter((line) => /Content Security Policy/.test(line)).length >= 3, true);
  },
};
