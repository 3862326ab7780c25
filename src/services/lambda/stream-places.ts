/** How far each shard of a stream was read for a mapping: the sequence number of the last record that is done with. */
import type { ServicesDatabase } from '../kit/database.ts'

export class StreamPlaces {
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase) {
    this.#sql = prepare(database)
  }

  get(uuid: string, shard: string): string | undefined {
    return this.#sql.get.get(uuid, shard)
  }

  put(uuid: string, shard: string, sequence: string): void {
    this.#sql.put.run(uuid, shard, sequence)
  }

  /** The mapping has gone. */
  forget(uuid: string): void {
    this.#sql.forget.run(uuid)
  }
}

const prepare = (database: ServicesDatabase) => ({
  get: database.prepareValue<[string, string], string>('SELECT sequence FROM lambda_stream_places WHERE uuid = ? AND shard = ?'),
  put: database.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO lambda_stream_places (uuid, shard, sequence) VALUES (?, ?, ?)',
  ),
  forget: database.prepare<[string]>('DELETE FROM lambda_stream_places WHERE uuid = ?'),
})
