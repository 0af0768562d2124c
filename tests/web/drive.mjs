// Runs the checks of this folder, one page after another, in one Chromium.
//   node drive.mjs FOLDER_OF_PAGES FOLDER_OF_CLIENTS CHROMIUM [PART_OF_A_NAME]
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {checks as looks} from './look_checks.mjs';
import {checks as operation} from './operation_checks.mjs';
import {checks as safety} from './safety_checks.mjs';

const [folder, clients, chromiumPath, part] = process.argv.slice(2);
const require = createRequire(join(clients, 'package.json'));
const {chromium} = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export class Failure extends Error {}

/// What a check works with: pages that note whatever they should not do.
class Stage {
  constructor(browser) {
    this.browser = browser;
    this.folder = folder;
    this.axe = axe;
    this.keepsPictures = Boolean(process.env.UNDERSTUDY_WEB_SHOTS);
    this.contexts = [];
  }

  report(name) {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  }

  address(name, hash = '') {
    return pathToFileURL(join(folder, `${name}.html`)).href + hash;
  }

  /// A page with `name` open; its complaints and requests are failures unless `tolerant`.
  async open(name, hash = '', {width = 1280, height = 900, tolerant = false, ...options} = {}) {
    const context = await this.browser.newContext({viewport: {width, height}, ...options});
    this.contexts.push(context);
    const page = await context.newPage();
    page.complaints = [];
    page.on('console', (message) => page.complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => page.complaints.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => { page.complaints.push('a dialog'); dialog.dismiss(); });
    page.on('request', (request) => {
      const url = request.url();
      if (url.split('#')[0] !== this.address(name) && url !== 'data:,') page.complaints.push(`request: ${url}`);
    });
    page.tolerant = tolerant;
    await page.goto(this.address(name, hash));
    if (!tolerant) await page.waitForSelector('html[data-ready]', {timeout: 20000});
    return page;
  }

  /// For people to look at; only where somebody asked for them, since they take a while.
  async picture(page, name) {
    if (this.keepsPictures) await page.screenshot({path: join(folder, `${name}.png`), fullPage: true});
  }

  async close() {
    const complaints = this.contexts.flatMap((context) => context.pages())
      .flatMap((page) => page.tolerant ? [] : page.complaints);
    for (const context of this.contexts) await context.close();
    this.contexts = [];
    if (complaints.length > 0) throw new Failure([...new Set(complaints)].slice(0, 5).join('; '));
  }
}

async function main() {
  const browser = await chromium.launch({executablePath: chromiumPath});
  let failed = 0;
  let ran = 0;
  console.log(`Chromium ${browser.version()}`);
  for (const [name, check] of Object.entries({...looks, ...operation, ...safety})) {
    if (part && !name.includes(part)) continue;
    ++ran;
    const stage = new Stage(browser);
    const begun = performance.now();
    let outcome = 'passed';
    try {
      await check(stage);
      await stage.close();
    } catch (error) {
      outcome = `FAILED: ${error.code === 'ERR_ASSERTION' || error instanceof Failure ? error.message : error.stack}`;
      ++failed;
      await stage.close().catch(() => {});
    }
    console.log(`${name}: ${outcome} (${Math.round(performance.now() - begun)} ms)`);
  }
  await browser.close();
  console.log(`${ran} checks, ${failed} failed`);
  process.exit(failed > 0 || ran === 0 ? 1 : 0);
}

await main();
