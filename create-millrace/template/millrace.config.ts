import { defineConfig, pipeline } from 'millrace';
import { records, sales, shop, totals } from './src/shop.ts';

/** What the command `millrace` finds: the pipelines of this project. */
export default defineConfig({
  pipelines: [
    pipeline({
      topology: shop,
      about: 'what shops sell',
      highlights: [
        { what: 'sales by product and hour', where: sales },
        { what: 'sales of each product so far', where: totals },
        { what: 'orders larger than all before', where: records },
      ],
    }),
  ],
});
