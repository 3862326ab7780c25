/** The tables of Cloud Control: resources as they were last made or changed by it, and the requests for them. */
import type { ServiceSchema } from '../kit/database.ts'

export const CLOUD_CONTROL_SCHEMA: ServiceSchema = {
  service: 'cloudcontrol',
  migrations: [
    `
    CREATE TABLE cloudcontrol_resources (type TEXT NOT NULL, identifier TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (type, identifier)) WITHOUT ROWID;
    CREATE TABLE cloudcontrol_requests (token TEXT PRIMARY KEY, clientToken TEXT UNIQUE, isOver INTEGER NOT NULL,
      createdMs INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX cloudcontrol_requests_open ON cloudcontrol_requests (isOver) WHERE isOver = 0;
    CREATE INDEX cloudcontrol_requests_by_time ON cloudcontrol_requests (createdMs);
    `,
  ],
}
