import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { MillraceTopology } from 'millrace/cdk';
import { shop } from '../src/shop.ts';

const app = new App();
const stack = new Stack(app, '%NAME%');
new MillraceTopology(stack, 'Shop', {
  topology: shop,
  entry: 'src/handler.ts',
  // Data goes with the stack. RETAIN keeps it; streams and tables that exist are given as `streams` and `tables`.
  removalPolicy: RemovalPolicy.DESTROY,
});
