/*
 * The public names of `millrace/lambda`: what makes functions of processors, and an HTTP API of tables.
 */
export { lambda, type LambdaAnswer, type LambdaHandler, type LambdaParts } from './runtime/lambda/lambda.ts';
export {
  wholeNumberVariable,
  type FunctionEnvironment,
  type WholeNumberVariable,
} from './runtime/lambda/environment.ts';
export type { PortSurroundings } from './runtime/lambda/aws-ports.ts';

export { api, type ApiHandler, type ApiLog, type ApiRoute } from './runtime/lambda/api/api.ts';
export { jsonBody, type ApiRequest } from './runtime/lambda/api/api-request.ts';
export { ApiError, type ApiAnswer, type ApiErrorCode } from './runtime/lambda/api/api-response.ts';
export type { Cursors } from './runtime/lambda/api/cursor.ts';
export { deployedTables, type DeployedTables } from './runtime/lambda/api/deployed-tables.ts';
export { referenceRoutes, type ReferenceOptions } from './runtime/lambda/api/reference-routes.ts';
export { tableRoutes, type ApiTables, type ReadTable } from './runtime/lambda/api/table-routes.ts';
