/** The table of API Gateway: what belongs to an API, or to none, by its kind and id: one JSON document each. */
import type { ServiceSchema } from '../kit/database.ts'

export const API_GATEWAY_SCHEMA: ServiceSchema = {
  service: 'apigateway',
  migrations: [
    `CREATE TABLE apigateway_records (
      api TEXT, kind TEXT, id TEXT, record TEXT NOT NULL, PRIMARY KEY (api, kind, id)) WITHOUT ROWID`,
  ],
}
