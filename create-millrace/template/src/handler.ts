import { lambda } from 'millrace/lambda';
import { shop } from './shop.ts';

/** The function of each processor; which one it is, its environment says. */
export const handler = lambda(shop);
