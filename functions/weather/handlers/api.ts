import { api } from '../../../shared/runtime/lambda/api/api.ts';
import { deployedTables } from '../../../shared/runtime/lambda/api/deployed-tables.ts';
import { tableRoutes } from '../../../shared/runtime/lambda/api/table-routes.ts';
import { alertLogTable, alertRules, stations } from '../tables.ts';
import { alertRoute } from './api/alert-route.ts';
import { ruleRoutes } from './api/rule-routes.ts';

const tables = deployedTables();
const { cursors } = tables;

export const handler = api([
  ...tableRoutes(tables),
  alertRoute({ log: tables.filled(alertLogTable), stations: tables.reference(stations), cursors }),
  ...ruleRoutes(tables.reference(alertRules), cursors),
]);
