/** The tables of Parameter Store: parameters, and their versions with all that a version has of its own. */
import type { ServiceSchema } from '../kit/database.ts'

export const SSM_SCHEMA: ServiceSchema = {
  service: 'ssm',
  migrations: [
    `
    CREATE TABLE ssm_parameters (
      name TEXT PRIMARY KEY, latest INTEGER NOT NULL, tags TEXT NOT NULL, expiresMs INTEGER) WITHOUT ROWID;
    CREATE INDEX ssm_parameters_by_expiry ON ssm_parameters (expiresMs) WHERE expiresMs IS NOT NULL;
    CREATE TABLE ssm_versions (
      name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, keyId TEXT, description TEXT,
      allowedPattern TEXT, tier TEXT NOT NULL, policies TEXT, dataType TEXT NOT NULL, labels TEXT NOT NULL,
      modifiedMs INTEGER NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID;
    `,
  ],
}
