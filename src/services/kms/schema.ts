/** The tables of KMS: keys, their sealed materials (the newest is used, older ones still open), and aliases. */
import type { ServiceSchema } from '../kit/database.ts'

export const KMS_SCHEMA: ServiceSchema = {
  service: 'kms',
  migrations: [
    `
    CREATE TABLE kms_keys (
      id TEXT PRIMARY KEY, spec TEXT NOT NULL, keyUsage TEXT NOT NULL, manager TEXT NOT NULL, isMultiRegion INTEGER NOT NULL,
      description TEXT NOT NULL, isEnabled INTEGER NOT NULL, policy TEXT NOT NULL, tags TEXT NOT NULL, createdMs INTEGER NOT NULL,
      deletionMs INTEGER, rotationDays INTEGER, rotationFromMs INTEGER) WITHOUT ROWID;
    CREATE INDEX kms_keys_by_deletion ON kms_keys (deletionMs) WHERE deletionMs IS NOT NULL;
    CREATE TABLE kms_materials (
      keyId TEXT NOT NULL, generation INTEGER NOT NULL, sealed TEXT NOT NULL, madeMs INTEGER NOT NULL,
      PRIMARY KEY (keyId, generation)) WITHOUT ROWID;
    CREATE TABLE kms_aliases (
      name TEXT PRIMARY KEY, keyId TEXT NOT NULL, createdMs INTEGER NOT NULL, updatedMs INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX kms_aliases_by_key ON kms_aliases (keyId);
    `,
  ],
}
