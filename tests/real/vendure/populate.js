// Makes the shop's database once: schema, settings, the catalogue of products.csv and its search index.
const path = require('path');
const { bootstrap, JobQueueService, TransactionalConnection } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');
const { assets, config } = require('./config');

const initial = require(path.join(assets, 'initial-data.json'));
initial.paymentMethods = [];

async function start() {
  const app = await bootstrap(config);
  await app.get(JobQueueService).start();
  return app;
}

async function settled(connection) {
  for (;;) {
    const [{ open }] = await connection.query('SELECT COUNT(*) AS open FROM job_record WHERE isSettled = 0');
    if (open === 0) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

async function main() {
  const app = await populate(start, initial, path.join(__dirname, 'products.csv'));
  const { rawConnection } = app.get(TransactionalConnection);
  await settled(rawConnection);
  await rawConnection.sqljsManager.saveDatabase(process.env.VENDURE_DATABASE);
  await app.close();
}

main().then(() => process.exit(0), error => { console.error(error); process.exit(1); });
