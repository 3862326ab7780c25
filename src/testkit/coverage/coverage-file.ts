/**
 * The one file format of coverage: JSON, a workflow at a time with its definition, so that whoever has the file can show it.
 * `points` has how often each was reached, `unclear` how often it may have been.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { messageOf, TestKitError } from '../kit-error.ts'

import { Tally } from './tally.ts'
import { WorkflowCoverage } from './workflow-coverage.ts'

const FORMAT = 'regente-coverage'
const VERSION = 1

export function printWorkflows(workflows: readonly WorkflowCoverage[]): JsonObject {
  return { format: FORMAT, version: VERSION, workflows: workflows.map(printWorkflow) }
}

function printWorkflow(coverage: WorkflowCoverage): JsonObject {
  const { workflow, runs, points } = coverage
  const { name, file, resource, definition } = workflow
  const unclear = points.filter((point) => coverage.maybe(point) > 0)
  return {
    name,
    ...(file !== undefined && { file }),
    ...(resource !== undefined && { resource }),
    definition,
    runs,
    points: Object.fromEntries(points.map((point) => [point.id, coverage.hits(point)])),
    ...(unclear.length > 0 && { unclear: Object.fromEntries(unclear.map((point) => [point.id, coverage.maybe(point)])) }),
  }
}

/** Of a text or what JSON.parse made of it. `where` is the file's name. Throws TestKitError. */
export function readWorkflows(written: unknown, where: string): readonly WorkflowCoverage[] {
  const file = typeof written === 'string' ? parsed(written, where) : written
  if (!isObject(file) || getOwn(file, 'format') !== FORMAT)
    throw new TestKitError(`${where} is no coverage: a coverage file is JSON with "format": "${FORMAT}".`)
  const version = getOwn(file, 'version')
  if (version !== VERSION)
    throw new TestKitError(
      `${where} is coverage of version ${JSON.stringify(version)}, and this Regente reads version ${VERSION}.`,
    )
  const workflows = getOwn(file, 'workflows')
  if (!isArray(workflows)) throw new TestKitError(`${where} is coverage without "workflows": run its tests again.`)
  return workflows.map((one, index) => readWorkflow(one, `${where}, workflows[${index}]`))
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TestKitError(`${where} is no JSON: ${messageOf(error)}`)
  }
}

function readWorkflow(written: Json, where: string): WorkflowCoverage {
  const value: JsonObject = isObject(written) ? written : {}
  const [name, definition, file, resource, runs] = ['name', 'definition', 'file', 'resource', 'runs'].map((key) =>
    getOwn(value, key),
  )
  if (typeof name !== 'string' || typeof definition !== 'string')
    throw new TestKitError(`${where} lacks "name" and "definition", which are texts.`)
  const coverage = new WorkflowCoverage({
    name,
    definition,
    file: typeof file === 'string' ? file : undefined,
    resource: typeof resource === 'string' ? resource : undefined,
  })
  const tally = new Tally()
  readCounts(getOwn(value, 'points'), tally.hits, `${where}, points`)
  readCounts(getOwn(value, 'unclear') ?? {}, tally.maybe, `${where}, unclear`)
  coverage.take(tally, isCount(runs) ? runs : 0)
  return coverage
}

function readCounts(written: Json | undefined, counts: Map<string, number>, where: string): void {
  if (!isObject(written)) throw new TestKitError(`${where} is no object of counts.`)
  for (const [id, count] of Object.entries(written)) {
    if (!isCount(count)) throw new TestKitError(`${where}: ${JSON.stringify(id)} is no count, but ${JSON.stringify(count)}.`)
    if (count > 0) counts.set(id, count)
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
