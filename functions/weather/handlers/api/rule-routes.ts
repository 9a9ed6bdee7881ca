import { ApiError } from '../../../../shared/runtime/lambda/api/api-response.ts';
import type { ApiRoute } from '../../../../shared/runtime/lambda/api/api.ts';
import type { Cursors } from '../../../../shared/runtime/lambda/api/cursor.ts';
import { referenceRoutes } from '../../../../shared/runtime/lambda/api/reference-routes.ts';
import type { ServingTable } from '../../../../shared/state/dynamodb/serving-table.ts';
import type { AlertRule } from '../../model/alert-rule.ts';
import { alertRuleOf } from '../../model/alert-rule-check.ts';

/** Reads and edits alert rules: `GET /rules`, and `GET`, `PUT`, `DELETE` of `/rules/{id}`. */
export const ruleRoutes = (table: ServingTable, cursors: Cursors): readonly ApiRoute[] =>
  referenceRoutes({ path: '/rules', table, cursors, rowOf: ruleOf });

/** Checked like the rules of a file. The data may omit the id, because the path has it. */
const ruleOf = (id: string, data: unknown): AlertRule => {
  const fault = (problem: string): ApiError => new ApiError('bad-body', `not a rule: ${problem}`);
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  const rule = alertRuleOf(isObject ? { id, ...data } : data, fault);
  if (rule.id !== id)
    throw fault(`its id ${JSON.stringify(rule.id)} is not the one it is put under, ${JSON.stringify(id)}`);
  return rule;
};
