/** What an account has once: its alias, its password policy. */
import { text } from '../../sqlite/row.ts'

import type { ServicesDatabase } from '../kit/database.ts'

export type Setting = 'accountAlias' | 'passwordPolicy'

export class SettingStore {
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase) {
    this.#sql = prepare(database)
  }

  get(name: Setting): string | undefined {
    return this.#sql.get.get(name)
  }

  put(name: Setting, value: string): void {
    this.#sql.put.run(name, value)
  }

  remove(name: Setting): void {
    this.#sql.remove.run(name)
  }
}

const prepare = (database: ServicesDatabase) => ({
  get: database.prepareValue<[string], string>('SELECT value FROM iam_settings WHERE name = ?', text),
  put: database.prepare<[string, string]>('INSERT OR REPLACE INTO iam_settings (name, value) VALUES (?, ?)'),
  remove: database.prepare<[string]>('DELETE FROM iam_settings WHERE name = ?'),
})
