/** Asks a server that runs how it is, and which executions it cannot carry on. */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import type { Finding, Report } from './finding.ts'

const TIMEOUT_MS = 10_000

export async function examineServer(endpoint: string): Promise<Report> {
  const health = await ask(endpoint, '/_regente/health')
  if (typeof health === 'string') {
    const message = `No server of Regente answers at ${endpoint}: ${health}.`
    return {
      findings: [{ severity: 'error', check: 'server', message, mend: 'Start it, or name another one with --endpoint.' }],
      facts: { endpoint },
    }
  }
  const reasons = getOwn(health, 'reasons')
  const told = isArray(reasons) ? reasons.map(String) : []
  const degraded = getOwn(health, 'status') === 'ok' ? [] : told.filter((reason) => !/quarantine/.test(reason))
  return {
    findings: [
      ...degraded.map(
        (reason): Finding => ({ severity: 'warning', check: 'server', message: reason, mend: 'See the log of the server.' }),
      ),
      ...quarantineFindings(await ask(endpoint, '/_regente/quarantine')),
    ],
    facts: { endpoint, health: getOwn(health, 'status') ?? null },
  }
}

function quarantineFindings(answer: JsonObject | string): readonly Finding[] {
  const entries = typeof answer === 'string' ? undefined : getOwn(answer, 'quarantined')
  if (!isArray(entries)) return []
  return entries.filter(isObject).map(({ executionArn, reason, since }) => ({
    severity: 'warning',
    check: 'quarantine',
    message: `${executionArn} stands in quarantine since ${since}: ${reason}.`,
    mend: `When its reason is mended: regente quarantine --retry ${executionArn}.`,
  }))
}

/** An object, or why there is none. */
async function ask(endpoint: string, path: string): Promise<JsonObject | string> {
  try {
    const response = await fetch(new URL(path, endpoint), { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return objectOf(await response.text()) ?? `HTTP ${response.status}`
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return cause instanceof Error ? cause.message : String(cause)
  }
}
