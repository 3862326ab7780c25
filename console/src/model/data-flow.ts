/**
 * The way of a visit's data, step by step. What the history holds is shown as it was; what lies between is worked out by the
 * engine's own states, as TestState does. Chance and the clock come out anew there, so a step that used them may differ.
 */
import { parseStatesArn } from '../../../src/base/arn.ts'
import { isObject, type Json } from '../../../src/base/json.ts'
import { Payload } from '../../../src/base/payload.ts'
import { formatContextTime, toInstant } from '../../../src/base/time.ts'
import { compileDefinition } from '../../../src/asl/compile.ts'
import { visitMachine } from '../../../src/asl/walk.ts'
import { AWS_LIMITS } from '../../../src/base/limits.ts'
import type { Mock } from '../../../src/engine/test-state/mock.ts'
import { TestState } from '../../../src/engine/test-state/test-state.ts'
import { detailsOf } from '../../../src/history/history-event.ts'
import { isScheduling, isSuccess, retriesOf, type Run, type Visit } from '../../../src/history/visits.ts'

import { isSameJson, objectText } from './json-text.ts'
import { variablesBefore, variablesText } from './variables.ts'

export type StepName =
  | 'input'
  | 'InputPath'
  | 'ItemsPath'
  | 'Items'
  | 'ItemSelector'
  | 'ItemBatcher'
  | 'Parameters'
  | 'Arguments'
  | 'result'
  | 'ResultSelector'
  | 'ResultPath'
  | 'output'
  | 'Assign'

export interface DataStep {
  readonly name: StepName
  /** JSON. */
  readonly text: string
  /** From the history, not worked out here. */
  readonly isRecorded: boolean
  /** Nothing changed since the step before. */
  readonly isSame: boolean
}

export interface ExecutionFacts {
  readonly executionArn: string
  readonly stateMachineArn: string
  readonly definition: string
  readonly input: string
  /** Epoch seconds. */
  readonly startAt: number
  readonly redriveCount: number
  readonly roleArn: string
}

export function dataFlowOf(visit: Visit, run: Run, facts: ExecutionFacts): readonly DataStep[] {
  const worked = workedOut(visit, run, facts)
  // What would follow from a result that is not there yet is not shown.
  const isOpen = visit.output === undefined && !visit.failure
  const after = (name: string) => (isOpen ? undefined : worked[name])
  const steps: Omit<DataStep, 'isSame'>[] = []
  const add = (name: StepName, recorded: string | undefined, computed?: string) => {
    const text = recorded ?? computed
    if (text !== undefined) steps.push({ name, text, isRecorded: recorded !== undefined })
  }
  const asked = recordedParameters(visit)
  add('input', visit.input)
  add('InputPath', undefined, worked['afterInputPath'])
  add('ItemsPath', undefined, worked['afterItemsPath'])
  add('Items', undefined, worked['afterItemsPointer'])
  add('ItemSelector', undefined, worked['afterItemSelector'])
  add('ItemBatcher', undefined, worked['afterItemBatcher'])
  if (isJsonata(visit, facts)) add('Arguments', asked, worked['afterArguments'])
  else if (worked['afterParameters'] !== undefined || isOpen) add('Parameters', asked, worked['afterParameters'])
  add('result', recordedResult(visit), after('result'))
  add('ResultSelector', undefined, after('afterResultSelector'))
  add('ResultPath', undefined, after('afterResultPath'))
  add('output', visit.output)
  const assigned = Object.entries(visit.assigned)
  if (assigned.length > 0) add('Assign', objectText(assigned))
  return steps.map((step, index) => ({ ...step, isSame: isSameText(steps[index - 1]?.text, step.text) }))
}

function isJsonata({ name }: Visit, { definition }: ExecutionFacts): boolean {
  const document: unknown = JSON.parse(definition)
  return isObject(document) && visitMachine(document, 'STANDARD').states.find((one) => one.name === name)?.language === 'JSONata'
}

/** The steps that TestState would show; none where the state cannot be tried. */
function workedOut(visit: Visit, run: Run, facts: ExecutionFacts): Readonly<Record<string, string>> {
  const compiled = compileDefinition(facts.definition)
  if (!compiled.ok || visit.input === undefined || !compiled.value.states.has(visit.name)) return {}
  const execution = parseStatesArn(facts.executionArn)
  const machine = parseStatesArn(facts.stateMachineArn)
  if (
    (execution?.kind !== 'execution' && execution?.kind !== 'express') ||
    machine?.kind !== 'stateMachine' ||
    machine.qualifier !== undefined
  )
    return {}
  const { executionArn, stateMachineArn, input, startAt, roleArn } = facts
  const executionName = executionArn.split(':')[7] ?? ''
  const machineName = stateMachineArn.split(':')[6] ?? ''
  const mock = mockOf(visit, run)
  try {
    const test = new TestState({
      program: compiled.value,
      stateName: visit.name,
      mock,
      seed: executionName,
      limits: AWS_LIMITS,
      at: toInstant(visit.startAt * 1_000),
      identity: {
        executionArn: execution.arn,
        executionName,
        roleArn,
        stateMachineArn: machine.arn,
        stateMachineName: machineName,
        region: executionArn.split(':')[3] ?? '',
        isExpress: false,
      },
      input: Payload.ofText(visit.input),
      variables: JSON.parse(variablesText(variablesBefore(visit))) as Readonly<Record<string, Json>>,
      context: {
        Execution: {
          Id: executionArn,
          Name: executionName,
          RoleArn: roleArn,
          RedriveCount: facts.redriveCount,
          Input: JSON.parse(input) as Json,
          StartTime: timeText(startAt),
        },
        State: { Name: visit.name, EnteredTime: timeText(visit.startAt), RetryCount: retriesOf(visit) },
        StateMachine: { Id: stateMachineArn, Name: machineName },
        ...(visit.iteration !== undefined && { Map: { Item: { Index: visit.iteration } } }),
      },
      configuration: { retrierRetryCount: 0, mapIterationFailureCount: undefined, mapItemReaderData: undefined },
    })
    test.begin()
    return Object.fromEntries(
      Object.entries(test.outcome().inspection).map(([name, value]) => [
        name,
        value instanceof Payload ? value.text : String(value),
      ]),
    )
  } catch {
    return {}
  }
}

const timeText = (seconds: number): string => formatContextTime(toInstant(seconds * 1_000))

/** What came of the state's work: by the history, or by its branches and iterations. */
function mockOf(visit: Visit, run: Run): Mock | undefined {
  if (visit.type !== 'Task' && visit.type !== 'Map' && visit.type !== 'Parallel') return undefined
  const { failure } = visit
  if (failure && visit.output === undefined) return { failure: { error: failure.error, cause: failure.cause } }
  const result = visit.type === 'Task' ? recordedResult(visit) : resultOfBranches(visit, run)
  return { result: Payload.ofText(result ?? 'null') }
}

/** Outputs of the last visits of each iteration, or of each branch. */
function resultOfBranches(container: Visit, { visits }: Run): string {
  const inside = visits.filter(({ parent }) => parent === container)
  const continued = new Set(inside.map(({ previous }) => previous))
  const ends = inside.filter((visit) => !continued.has(visit))
  return `[${ends
    .toSorted((a, b) => (a.iteration ?? 0) - (b.iteration ?? 0))
    .map(({ output }) => output ?? 'null')
    .join(',')}]`
}

/** Of the last attempt. */
function recordedParameters({ events }: Visit): string | undefined {
  const last = events.findLast(isScheduling)
  if (!last) return undefined
  const { parameters, input } = detailsOf(last)
  return parameters ?? input
}

function recordedResult({ events }: Visit): string | undefined {
  const done = events.findLast(isSuccess)
  return done && detailsOf(done).output
}

function isSameText(before: string | undefined, text: string): boolean {
  return before !== undefined && isSameJson(before, text)
}
