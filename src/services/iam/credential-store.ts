/** How users sign in: access keys, whose secrets are sealed, and the login profile. A password is not kept: nothing asks for it. */
import type { Clock } from '../../base/clock.ts'

import { flag, integer, row, text } from '../../sqlite/row.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import type { Seal } from '../seal.ts'

import type { Entity } from './entity-store.ts'
import { newAccessKeyId, newSecretAccessKey } from './unique-id.ts'

export interface AccessKey {
  readonly accessKeyId: string
  readonly user: number
  readonly isActive: boolean
  readonly createdMs: number
}

export interface LoginProfile {
  readonly mustReset: boolean
  readonly createdMs: number
}

const KEY = row<AccessKey>({ accessKeyId: text, user: integer, isActive: flag, createdMs: integer })
const LOGIN = row<LoginProfile>({ mustReset: flag, createdMs: integer })

export class CredentialStore {
  readonly #clock: Clock
  readonly #seal: Seal
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock, seal: Seal) {
    this.#clock = clock
    this.#seal = seal
    this.#sql = prepare(database)
  }

  key(accessKeyId: string): AccessKey | undefined {
    return this.#sql.key.get(accessKeyId)
  }

  /** Oldest first. */
  keysOf({ id }: Entity): readonly AccessKey[] {
    return this.#sql.keys.all(id)
  }

  /** The only time that the secret is told. */
  createKey({ id }: Entity): AccessKey & { readonly secret: string } {
    const accessKeyId = newAccessKeyId()
    const secret = newSecretAccessKey()
    const createdMs = this.#clock.now()
    this.#sql.insertKey.run(accessKeyId, id, this.#seal.close(secret, `iam#${accessKeyId}`), createdMs)
    return { accessKeyId, user: id, isActive: true, createdMs, secret }
  }

  setActive({ accessKeyId }: AccessKey, isActive: boolean): void {
    this.#sql.setActive.run(isActive ? 1 : 0, accessKeyId)
  }

  removeKey({ accessKeyId }: AccessKey): void {
    this.#sql.removeKey.run(accessKeyId)
  }

  login({ id }: Entity): LoginProfile | undefined {
    return this.#sql.login.get(id)
  }

  createLogin({ id }: Entity, mustReset: boolean): LoginProfile {
    const createdMs = this.#clock.now()
    this.#sql.insertLogin.run(id, mustReset ? 1 : 0, createdMs)
    return { mustReset, createdMs }
  }

  setMustReset({ id }: Entity, mustReset: boolean): void {
    this.#sql.setMustReset.run(mustReset ? 1 : 0, id)
  }

  removeLogin({ id }: Entity): void {
    this.#sql.removeLogin.run(id)
  }
}

const KEY_COLUMNS = 'accessKeyId, user, isActive, createdMs'

const prepare = (database: ServicesDatabase) => ({
  key: database.prepare<[string], AccessKey>(`SELECT ${KEY_COLUMNS} FROM iam_access_keys WHERE accessKeyId = ?`, KEY),
  keys: database.prepare<[number], AccessKey>(
    `SELECT ${KEY_COLUMNS} FROM iam_access_keys WHERE user = ? ORDER BY createdMs, accessKeyId`,
    KEY,
  ),
  insertKey: database.prepare<[string, number, string, number]>(
    'INSERT INTO iam_access_keys (accessKeyId, user, secret, isActive, createdMs) VALUES (?, ?, ?, 1, ?)',
  ),
  setActive: database.prepare<[number, string]>('UPDATE iam_access_keys SET isActive = ? WHERE accessKeyId = ?'),
  removeKey: database.prepare<[string]>('DELETE FROM iam_access_keys WHERE accessKeyId = ?'),
  login: database.prepare<[number], LoginProfile>('SELECT mustReset, createdMs FROM iam_login_profiles WHERE user = ?', LOGIN),
  insertLogin: database.prepare<[number, number, number]>(
    'INSERT INTO iam_login_profiles (user, mustReset, createdMs) VALUES (?, ?, ?)',
  ),
  setMustReset: database.prepare<[number, number]>('UPDATE iam_login_profiles SET mustReset = ? WHERE user = ?'),
  removeLogin: database.prepare<[number]>('DELETE FROM iam_login_profiles WHERE user = ?'),
})
