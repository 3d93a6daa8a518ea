// The shop's configuration, shared by populate.js and index.js. Everything comes from the environment:
// PORT, VENDURE_DATABASE (a file), VENDURE_PASSWORD (of "superadmin"), VENDURE_POPULATE (set while populating).
const { createHash } = require('crypto');
const path = require('path');
const {
  DefaultJobQueuePlugin, DefaultLogger, DefaultSearchPlugin, LogLevel, RandomBytesApiKeyStrategy,
} = require('@vendure/core');
const { AssetServerPlugin } = require('@vendure/asset-server-plugin');
const { AislePlugin } = require('./aisle-plugin');

const assets = path.join(__dirname, 'node_modules/@vendure/create/assets');

// Every test signs in anew, and bcrypt takes a quarter of a second each time. Never do this in a real shop.
const digest = text => createHash('sha256').update(text).digest('hex');
const hashingStrategy = {
  hash: async plain => digest(plain),
  check: async (plain, hash) => digest(plain) === hash,
};

exports.assets = assets;
exports.config = {
  apiOptions: {
    hostname: '127.0.0.1',
    port: Number(process.env.PORT),
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
  },
  logger: new DefaultLogger({ level: LogLevel.Info }),
  authOptions: {
    tokenMethod: ['bearer', 'cookie', 'api-key'],
    superadminCredentials: { identifier: 'superadmin', password: process.env.VENDURE_PASSWORD },
    passwordHashingStrategy: hashingStrategy,
    adminApiKeyStrategy: new RandomBytesApiKeyStrategy({ hashingStrategy }),
    cookieOptions: { secret: process.env.VENDURE_PASSWORD },
  },
  dbConnectionOptions: {
    type: 'sqljs',
    // Kept in memory and saved by populate.js alone: a test run never changes the populated file.
    autoSave: false,
    location: process.env.VENDURE_DATABASE,
    synchronize: Boolean(process.env.VENDURE_POPULATE),
  },
  paymentOptions: { paymentMethodHandlers: [] },
  importExportOptions: { importAssetsDir: path.join(assets, 'images') },
  plugins: [
    AislePlugin,
    AssetServerPlugin.init({ route: 'assets', assetUploadDir: path.join(__dirname, 'static/assets') }),
    DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true, pollInterval: process.env.VENDURE_POPULATE ? 20 : 500 }),
    DefaultSearchPlugin.init({ bufferUpdates: false, indexStockStatus: true }),
  ],
};
