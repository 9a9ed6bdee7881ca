import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { servingTable, type ServingTable } from '../../../state/dynamodb/serving-table.ts';
import { readApiEnvironment } from '../environment.ts';
import { cursors, type Cursors, cursorSecret } from './cursor.ts';
import type { ReadTable } from './table-routes.ts';

/** The tables of a deployed topology, and what seals the cursors of their pages. */
export interface DeployedTables {
  /** A table that processors fill, or one of reference data; undefined for a name that the environment does not have. */
  table(name: string): ReadTable | undefined;
  /** A table by its definition. Throws a `RangeError` where the environment does not name it. */
  filled(table: { readonly name: string }): ReadTable;
  /** A table of reference data by its definition. Throws a `RangeError` where the environment does not name it. */
  reference(table: { readonly name: string }): ServingTable;
  readonly cursors: Cursors;
}

/**
 * Opens the tables that a function's environment names; clients are made when they are first needed.
 *
 * Throws a `RangeError` that names each variable that is missing or wrong.
 */
export const deployedTables = (env: Readonly<Record<string, string | undefined>> = process.env): DeployedTables => {
  const environment = readApiEnvironment(env);
  // Retries are the table's: it knows how long it has.
  const dynamodb = new DynamoDBClient({ maxAttempts: 1 });
  const open = (names: Readonly<Record<string, string>>): ReadonlyMap<string, ServingTable> =>
    new Map(Object.entries(names).map(([name, physicalName]) => [name, servingTable(dynamodb, physicalName)]));
  const filled = open(environment.tables);
  const references = open(environment.references);
  return {
    table: (name) => filled.get(name) ?? references.get(name),
    filled: ({ name }) => filled.get(name) ?? notNamed('MILLRACE_TABLES', name),
    reference: ({ name }) => references.get(name) ?? notNamed('MILLRACE_REFERENCES', name),
    cursors: cursors(cursorSecret(() => new SecretsManagerClient(), environment.cursorSecret)),
  };
};

const notNamed = (variable: string, name: string): never => {
  throw new RangeError(`${variable} does not name table '${name}', which the query API reads: deploy it again`);
};
