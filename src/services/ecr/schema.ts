/** ECR's one table: repositories, each with its settings as ECR shows them (JSON), policies and tags. */
import type { ServiceSchema } from '../kit/database.ts'

export const ECR_SCHEMA: ServiceSchema = {
  service: 'ecr',
  migrations: [
    `
    CREATE TABLE ecr_repositories (
      name TEXT PRIMARY KEY, settings TEXT NOT NULL, lifecyclePolicy TEXT, policy TEXT, tags TEXT NOT NULL,
      createdMs INTEGER NOT NULL) WITHOUT ROWID;
    `,
  ],
}
