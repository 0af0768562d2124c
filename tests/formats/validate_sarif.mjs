// Validates SARIF files against the schema of SARIF 2.1.0:  node validate_sarif.mjs FOLDER_OF_CLIENTS FILE...
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const [clients, ...files] = process.argv.slice(2);
const require = createRequire(join(clients, 'package.json'));
const Ajv = require('ajv-draft-04');
const addFormats = require('ajv-formats');

const schema = JSON.parse(readFileSync(join(clients, 'schemas', 'sarif-2.1.0-rtm.5.json'), 'utf8'));
const ajv = new Ajv({allErrors: true, strict: false, unicodeRegExp: false});
addFormats(ajv);
const valid = ajv.compile(schema);
let wrong = 0;
for (const file of files) {
  if (valid(JSON.parse(readFileSync(file, 'utf8')))) continue;
  ++wrong;
  for (const error of valid.errors) console.error(`${file}: ${error.instancePath} ${error.message}`);
}
process.exit(wrong === 0 ? 0 : 1);
