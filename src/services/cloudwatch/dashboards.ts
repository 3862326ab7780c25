/** Dashboards, kept as they are put. Source: CloudWatch API reference, "Dashboard body structure and syntax". */
import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { integer, row, text } from '../../sqlite/row.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { dashboardNotFound, invalidDashboard, invalidToken, invalidValue, missingParameter } from './errors.ts'
import { readText, readTexts, requireText, SECOND_MS } from './input.ts'

interface DashboardRow {
  readonly name: string
  readonly body: string
  readonly modifiedMs: number
}

const DASHBOARD = row<DashboardRow>({ name: text, body: text, modifiedMs: integer })
const BODY_CHARS_MAX = 1_048_576
const PAGE = 1000
const TOKENS = pageTokens('cloudwatch-dashboards', invalidToken)

export class Dashboards {
  readonly #account: string
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, { account, clock }: Pick<ServiceDeps, 'account' | 'clock'>) {
    this.#account = account
    this.#clock = clock
    this.#sql = prepare(database)
  }

  putDashboard(input: JsonObject): JsonObject {
    const name = requireText(input, 'DashboardName')
    if (!/^[\w-]{1,255}$/.test(name))
      throw invalidValue(
        'The value for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).',
      )
    const body = readText(input, 'DashboardBody', BODY_CHARS_MAX)
    if (body === undefined) throw missingParameter('DashboardBody')
    if (!objectOf(body)) throw invalidDashboard('.')
    this.#sql.put.run(name, body, this.#clock.now())
    return { DashboardValidationMessages: [] }
  }

  getDashboard(input: JsonObject): JsonObject {
    const name = requireText(input, 'DashboardName')
    const dashboard = this.#sql.byName.get(name)
    if (!dashboard) throw dashboardNotFound(name)
    return { DashboardArn: this.#arnOf(name), DashboardBody: dashboard.body, DashboardName: name }
  }

  listDashboards(input: JsonObject): JsonObject {
    const prefix = readText(input, 'DashboardNamePrefix') ?? ''
    const token = readText(input, 'NextToken')
    const found = this.#sql.all.all().filter(({ name }) => name.startsWith(prefix))
    const { items, next } = pageOf(found, { token, tokens: TOKENS, size: PAGE, nameOf: ({ name }) => name })
    return {
      DashboardEntries: items.map(({ name, body, modifiedMs }) => ({
        DashboardName: name,
        DashboardArn: this.#arnOf(name),
        LastModified: modifiedMs / SECOND_MS,
        Size: Buffer.byteLength(body),
      })),
      ...(next !== undefined && { NextToken: next }),
    }
  }

  /** None where one of them is not there. */
  deleteDashboards(input: JsonObject): JsonObject {
    const names = readTexts(input, 'DashboardNames')
    if (names === undefined) throw missingParameter('DashboardNames')
    const missing = names.filter((name) => !this.#sql.byName.get(name))
    if (missing.length > 0) throw dashboardNotFound(missing.join(', '))
    for (const name of names) this.#sql.remove.run(name)
    return {}
  }

  #arnOf(name: string): string {
    return `arn:aws:cloudwatch::${this.#account}:dashboard/${name}`
  }
}

const prepare = (database: ServicesDatabase) => ({
  byName: database.prepare<[string], DashboardRow>('SELECT * FROM cloudwatch_dashboards WHERE name = ?', DASHBOARD),
  all: database.prepare<[], DashboardRow>('SELECT * FROM cloudwatch_dashboards ORDER BY name', DASHBOARD),
  put: database.prepare<[string, string, number]>(
    `INSERT INTO cloudwatch_dashboards (name, body, modifiedMs) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET body = excluded.body, modifiedMs = excluded.modifiedMs`,
  ),
  remove: database.prepare<[string]>('DELETE FROM cloudwatch_dashboards WHERE name = ?'),
})
