// All that a Vendure shop needs to become a partner. Copy this file and add AislePlugin to the shop's plugins,
// then let Vendure make a database migration. Nothing of it is visible or writable in the shop API.
const { VendurePlugin } = require('@vendure/core');

const text = (languageCode, value) => [{ languageCode, value }];

class AislePlugin {}
exports.AislePlugin = AislePlugin;

VendurePlugin({
  compatibility: '^3.0.0',
  configuration: config => {
    config.customFields.Order.push(
      // Set before the order is placed, so that an order whose answer was lost can be found again.
      // Unique: not even a mistake can put two orders under one key.
      {
        name: 'aisleKey', type: 'string', nullable: true, unique: true, public: false,
        label: text('en', 'Endless aisle key'),
      },
      // Which line of ours each SKU stands for, as JSON.
      {
        name: 'aisleLines', type: 'text', nullable: true, public: false,
        label: text('en', 'Endless aisle lines'),
      },
    );
    config.customFields.ProductVariant.push({
      name: 'barcode', type: 'string', nullable: true, unique: true,
      label: text('en', 'Barcode (GTIN)'),
    });
    return config;
  },
})(AislePlugin);
