/**
 * What is kept beside a function, for the function itself or for one of its versions or aliases: one row for each kind of
 * setting and each qualifier, one JSON document a row. They go with what they are kept for.
 */
import type { ServicesDatabase } from '../kit/database.ts'

export type SettingKind =
  | 'codeSigning'
  | 'eventInvoke'
  | 'provisionedConcurrency'
  | 'recursion'
  | 'runtimeManagement'
  | 'scaling'
  | 'url'

export interface Setting<T> {
  readonly functionName: string
  /** `$LATEST` where the function was named without one. */
  readonly qualifier: string
  readonly value: T
}

interface Row {
  readonly function: string
  readonly qualifier: string
  readonly record: string
}

export class QualifiedSettings {
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase) {
    this.#sql = prepare(database)
  }

  /** The settings of one kind, whose rows are its own: what `put` wrote, `get` reads. */
  of<T extends object>(kind: SettingKind) {
    const sql = this.#sql
    const settingOf = ({ function: functionName, qualifier, record }: Row): Setting<T> => ({
      functionName,
      qualifier,
      value: JSON.parse(record) as T,
    })
    return {
      get(functionName: string, qualifier: string): T | undefined {
        const record = sql.get.get(functionName, qualifier, kind)
        return record === undefined ? undefined : (JSON.parse(record) as T)
      },
      put(functionName: string, qualifier: string, value: T): void {
        sql.put.run(functionName, qualifier, kind, JSON.stringify(value))
      },
      remove(functionName: string, qualifier: string): void {
        sql.remove.run(functionName, qualifier, kind)
      },
      /** Of one function, in the order of their qualifiers. */
      list: (functionName: string): readonly Setting<T>[] => sql.list.all(functionName, kind).map(settingOf),
      all: (): readonly Setting<T>[] => sql.all.all(kind).map(settingOf),
    }
  }

  /** A version or an alias has gone; without a qualifier the function. */
  forget(functionName: string, qualifier?: string): void {
    if (qualifier === undefined) this.#sql.forget.run(functionName)
    else this.#sql.forgetOne.run(functionName, qualifier)
  }
}

export type SettingsOf<T extends object> = ReturnType<typeof QualifiedSettings.prototype.of<T>>

const prepare = (database: ServicesDatabase) => ({
  get: database.prepareValue<[string, string, string], string>(
    'SELECT record FROM lambda_settings WHERE function = ? AND qualifier = ? AND kind = ?',
  ),
  put: database.prepare<[string, string, string, string]>(
    'INSERT OR REPLACE INTO lambda_settings (function, qualifier, kind, record) VALUES (?, ?, ?, ?)',
  ),
  remove: database.prepare<[string, string, string]>(
    'DELETE FROM lambda_settings WHERE function = ? AND qualifier = ? AND kind = ?',
  ),
  list: database.prepare<[string, string], Row>(
    'SELECT function, qualifier, record FROM lambda_settings WHERE function = ? AND kind = ? ORDER BY qualifier',
  ),
  all: database.prepare<[string], Row>(
    'SELECT function, qualifier, record FROM lambda_settings WHERE kind = ? ORDER BY function, qualifier',
  ),
  forget: database.prepare<[string]>('DELETE FROM lambda_settings WHERE function = ?'),
  forgetOne: database.prepare<[string, string]>('DELETE FROM lambda_settings WHERE function = ? AND qualifier = ?'),
})
