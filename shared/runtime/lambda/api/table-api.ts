import { api } from './api.ts';
import { deployedTables } from './deployed-tables.ts';
import { tableRoutes } from './table-routes.ts';

/** The query API of a pipeline that brings none of its own: every table it exposes, by key, range and prefix. */
export const handler = api(tableRoutes(deployedTables()));
