// node-postgres with pg-cursor, pg-query-stream and pg-copy-streams: both protocols, suspended portals, COPY both ways.
const { Client } = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const copy = require('pg-copy-streams');
const { pipeline } = require('node:stream/promises');
const { Readable, Writable } = require('node:stream');

const statements = [];

async function query(client, request, values) {
  const sql = request.text || request;
  try {
    const result = await client.query(request, values);
    const parts = Array.isArray(result) ? sql.split('; ') : [sql];
    parts.forEach((part, index) => statements.push([part, [].concat(result)[index].rows.length, null]));
  } catch (error) {
    statements.push([sql, 0, error.code]);
  }
}

async function ordinary(client) {
  await query(client, 'create temp table item (id int primary key, name text, data bytea)');
  for (let n = 0; n < 30; ++n) {
    await query(client, 'insert into item values ($1, $2, $3)', [n, `item ${n}`, Buffer.alloc(n)]);
  }
  const named = { name: 'by id', text: 'select * from item where id < $1' };
  for (const n of [1, 5, 25]) await query(client, { ...named, values: [n] });
  await query(client, 'select 1; select * from generate_series(1, 3)');
  await query(client, 'insert into item values ($1, $2, null)', [1, 'twice']);
  await query(client, 'select * from nowhere');
  await query(client, 'select $1::no_such_type', [1]);
  await query(client, 'select 10 / $1::int', [0]);
  await query(client, 'select $1::text', ['w'.repeat(250000)]);
  await query(client, 'listen news');
  await query(client, "select pg_notify('news', $1)", ['hello']);
}

async function cursors(client) {
  const sql = 'select * from generate_series(1, $1::int)';
  const cursor = client.query(new Cursor(sql, [100]));
  let rows = 0;
  for (;;) {
    const some = await cursor.read(30);
    rows += some.length;
    if (some.length === 0) break;
  }
  await cursor.close();
  statements.push([sql, rows, null]);
  const early = client.query(new Cursor(sql, [1000]));
  await early.read(10);
  await early.close();
  statements.push([sql, 10, null]);
  let streamed = 0;
  for await (const row of client.query(new QueryStream(sql, [250], { batchSize: 60 }))) streamed += row ? 1 : 0;
  statements.push([sql, streamed, null]);
}

async function copies(client) {
  const lines = Array.from({ length: 3000 }, (_, n) => `${n + 100}\tcopied ${n}\t\\N\n`);
  await pipeline(Readable.from(lines), client.query(copy.from('copy item from stdin')));
  statements.push(['copy item from stdin', 0, null]);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await pipeline(client.query(copy.to('copy item to stdout')), nowhere);
  statements.push(['copy item to stdout', 0, null]);
  try {
    await pipeline(Readable.from(['nonsense\n']), client.query(copy.from('copy item from stdin')));
  } catch (error) {
    statements.push(['copy item from stdin', 0, error.code]);
  }
}

async function main() {
  const client = new Client({ application_name: 'differential node' });
  await client.connect();
  await ordinary(client);
  await cursors(client);
  await copies(client);
  await query(client, 'select 1');
  await client.end();
  console.log(JSON.stringify([{ client: 'node', statements }]));
}

main();
