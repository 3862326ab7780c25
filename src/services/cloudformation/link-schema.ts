/** The tables behind the links that a stack hands out: to custom resources for their answers, to whoever signals a wait condition. */
import type { ServiceSchema } from '../kit/database.ts'

export const LINK_SCHEMA: ServiceSchema = {
  service: 'cloudformation-links',
  migrations: [
    `
    CREATE TABLE cloudformation_requests (
      id TEXT PRIMARY KEY, operationId TEXT NOT NULL, secret TEXT NOT NULL, dueMs INTEGER NOT NULL, isSent INTEGER NOT NULL,
      outcome TEXT, answer TEXT) WITHOUT ROWID;
    CREATE INDEX cloudformation_requests_by_operation ON cloudformation_requests (operationId);
    CREATE TABLE cloudformation_handles (
      id TEXT PRIMARY KEY, secret TEXT NOT NULL, expiresMs INTEGER NOT NULL, waitId TEXT, dueMs INTEGER) WITHOUT ROWID;
    CREATE TABLE cloudformation_signals (
      handleId TEXT NOT NULL, uniqueId TEXT NOT NULL, seq INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
      data TEXT NOT NULL, PRIMARY KEY (handleId, uniqueId)) WITHOUT ROWID;
    `,
  ],
}
