/** Everybody outside: who starts executions, answers tokens, works for activities, stops, redrives and looks around. */
import { asId } from '../../src/base/id-in-test.ts'
import { executionArn, stateMachineArn } from '../../src/base/arn.ts'

import { readTaskToken } from '../../src/engine/task-token.ts'
import type { ExecutionRecord } from '../../src/store/contract.ts'

import { eventsOf, folded } from './folded.ts'
import { failsBy, latencyOf, resultOf, type Script, scriptOf } from './services.ts'
import { ACCOUNT, ACTIVITIES, activityArnOf, type PlannedExecution, REGION } from './workload.ts'
import { LONG_PATIENCE_MS, SYNC_PATIENCE_MS, type World } from './world.ts'

const ARN_SCOPE = { partition: 'aws', region: REGION, account: ACCOUNT }
const LOOK_MS = 2_000
const REDRIVES_MAX = 40
const ENDED_BY_TOKEN: ReadonlySet<string> = new Set(['TaskTimedOut', 'TaskDoesNotExist'])

export const machineArnOf = (name: string) => stateMachineArn(ARN_SCOPE, name)
export const executionArnOf = ({ machine, name }: PlannedExecution) => executionArn(ARN_SCOPE, machine.name, name)

export function sendCallers(world: World): void {
  world.tokenGiven = (token, script) => answerToken(world, token, script)
  for (const execution of world.workload.executions) {
    world.script(`client of ${execution.name}`, async () => {
      const times = world.sky.weather.callersRace && world.dice.chance(0.4) ? world.dice.between(2, 3) : 1
      await Promise.all(Array.from({ length: times }, () => start(world, execution)))
      await follow(world, execution)
    })
    if (!world.sky.weather.callersRace) continue
    if (world.dice.chance(0.15)) world.script(`rival of ${execution.name}`, () => startAsRival(world, execution))
    if (world.dice.chance(0.2)) for (const _ of [1, 2]) world.script(`stop ${execution.name}`, () => stop(world, execution))
    if (world.dice.chance(0.4)) world.script(`look at ${execution.name}`, () => lookAround(world, execution))
    if (world.dice.chance(0.3)) world.script(`update runs of ${execution.name}`, () => updateMapRuns(world, execution))
  }
  world.script('client of express', () => runSync(world))
  const [first] = world.workload.machines
  if (first && world.sky.weather.callersRace && world.dice.chance(0.1))
    world.script(`delete ${first.name}`, () => deleteMachine(world, first.name))
  for (const activity of ACTIVITIES) {
    if (world.isShared && !isAskedFor(world, activity)) continue
    for (const worker of [1, 2]) void work(world, activityArnOf(activity), `w${worker}`)
  }
}

/** Nobody works for nothing where many nodes would tell each other of it each second. */
const isAskedFor = ({ workload }: World, activity: string): boolean =>
  workload.machines.some(({ definition }) => definition.includes(activityArnOf(activity)))

async function start(world: World, { machine, name, input, startsAfterMs }: PlannedExecution): Promise<void> {
  await world.sleep(startsAfterMs)
  const request = { stateMachineArn: machineArnOf(machine.name), name, input: JSON.stringify(input) }
  const answer = await world.insist(
    `start ${name}`,
    (control) => control.executions.start(request),
    (told) => {
      world.started.add(told.executionArn)
      world.promise(`the start of ${name}`, () => {
        const record = recordOf(world, told.executionArn)
        return (
          record?.input === request.input &&
          record.startAt === told.startDate &&
          eventsOf(world.disk, record.key)[0]?.type === 'ExecutionStarted'
        )
      })
    },
  )
  if (answer.kind === 'ok' || answer.code === 'ExecutionAlreadyExists') return
  if ((answer.code === 'StateMachineDoesNotExist' || answer.code === 'StateMachineDeleting') && world.meddledWith.has(name))
    return
  world.violate(`the start of ${name} was refused: ${answer.code}`)
}

/** Takes the same name for another input: one of the two has it. */
async function startAsRival(world: World, execution: PlannedExecution): Promise<void> {
  world.meddledWith.add(execution.name)
  await start(world, { ...execution, input: { ...execution.input, v: execution.input.v + 1 } })
}

/** Waits for the end, and redrives what is to be healed. */
async function follow(world: World, execution: PlannedExecution): Promise<void> {
  const { name, machine } = execution
  for (let redrives = 0; ; ) {
    await world.sleep(LOOK_MS)
    const record = recordOf(world, executionArnOf(execution))
    if (record?.status === 'RUNNING') continue
    if (record?.status !== 'FAILED' || !machine.heals || world.meddledWith.has(name)) return
    if (++redrives > REDRIVES_MAX) return world.violate(`${name} is not healed by ${REDRIVES_MAX} redrives`)
    await redrive(world, record, world.sky.weather.callersRace ? world.dice.between(1, 4) : 1)
  }
}

/** So many at once: one of them is right. */
async function redrive(world: World, { arn, name, redriveCount: before }: ExecutionRecord, times: number): Promise<void> {
  let told = 0
  const redriveOnce = () =>
    world.call(
      `redrive ${name}`,
      (control) => control.executions.redrive(arn),
      () => {
        told++
        world.promise(`redrive ${before + 1} of ${name}`, () => (recordOf(world, arn)?.redriveCount ?? 0) > before)
      },
    )
  const answers = await Promise.all(Array.from({ length: times }, redriveOnce))
  for (const answer of answers)
    if (answer.kind === 'refused' && answer.code !== 'ExecutionNotRedrivable' && answer.code !== 'ExecutionDoesNotExist')
      world.violate(`a redrive of ${name} was refused: ${answer.code}`)
  const redriven = (recordOf(world, arn)?.redriveCount ?? 0) - before
  const areAllRefused = answers.every(({ kind }) => kind === 'refused')
  if (areAllRefused && redriven === 0 && recordOf(world, arn)?.status === 'FAILED' && !world.meddledWith.has(name))
    world.violate(`nobody could redrive ${name}, which has failed`)
  if (told > redriven) world.violate(`${told} redrives of ${name} were acknowledged, and ${redriven} happened`)
}

async function stop(world: World, execution: PlannedExecution): Promise<void> {
  const arn = executionArnOf(execution)
  await world.sleep(world.dice.pick([0, 100, 3_000, 60_000]))
  world.meddledWith.add(execution.name)
  const answer = await world.insist(
    `stop ${execution.name}`,
    (control) => control.executions.stop(arn, { error: 'Stopped', cause: 'by a caller' }),
    () => world.promise(`the stop of ${execution.name}`, () => recordOf(world, arn)?.status !== 'RUNNING'),
  )
  if (answer.kind === 'refused' && answer.code !== 'ExecutionDoesNotExist')
    world.violate(`the stop of ${execution.name} was refused: ${answer.code}`)
}

/** Express executions are not kept: whoever asked for one and was cut off asks for another. */
async function runSync(world: World): Promise<void> {
  const input = JSON.stringify({ id: 'x', v: 1 })
  const request = { stateMachineArn: machineArnOf(world.workload.express.name), input }
  const answer = await world.insist(
    'run express',
    (control) => control.executions.startSync(request),
    undefined,
    SYNC_PATIENCE_MS,
  )
  if (answer.kind === 'refused') return world.violate(`an Express execution was refused: ${answer.code}`)
  const { status, output = '' } = answer.value.result
  world.expressEnd = `${status} ${output}`
}

async function lookAround(world: World, execution: PlannedExecution): Promise<void> {
  const arn = executionArnOf(execution)
  for (let looks = 4; looks > 0; looks--) {
    await world.sleep(world.dice.pick([0, 10, 1_000]))
    const isKnown = world.started.has(arn)
    const [described] = await Promise.all([
      world.call(`describe ${execution.name}`, (control) => control.executions.find(arn)),
      world.call(`history of ${execution.name}`, (control) => control.executions.history(arn, 5, world.dice.chance(0.5))),
      world.call('list', (control) => control.executions.list({ stateMachineArn: machineArnOf(execution.machine.name) }, 2)),
    ])
    if (isKnown && described.kind === 'refused')
      world.violate(`${execution.name} was started and is not found: ${described.code}`)
  }
}

async function updateMapRuns(world: World, execution: PlannedExecution): Promise<void> {
  for (let rounds = 3; rounds > 0; rounds--) {
    await world.sleep(world.dice.pick([100, 2_000, 10_000]))
    const runs = [...world.disk.mapRuns.values()].filter(({ executionArn: arn }) => arn === executionArnOf(execution))
    for (const { arn } of runs) {
      const maxConcurrency = world.dice.between(1, 6)
      const answer = await world.call(`update run of ${execution.name}`, (control) =>
        control.mapRuns.update({ mapRunArn: arn, maxConcurrency }),
      )
      if (answer.kind === 'refused' && answer.code !== 'ValidationException')
        world.violate(`an update was refused: ${answer.code}`)
    }
  }
}

async function deleteMachine(world: World, name: string): Promise<void> {
  await world.sleep(world.dice.pick([0, 1_000, 30_000]))
  for (const execution of world.workload.executions) if (execution.machine.name === name) world.meddledWith.add(execution.name)
  await world.insist(
    `delete ${name}`,
    (control) => control.machines.remove(machineArnOf(name)),
    () =>
      world.promise(
        `the deletion of ${name}`,
        () => ![...world.disk.machines.values()].some((machine) => machine.name === name && machine.status === 'ACTIVE'),
      ),
  )
}

/** Whoever was given the token answers it; in a race several do, and say so each in their own words. */
function answerToken(world: World, token: string, script: Script): void {
  if (script.isDead) return
  const times = world.sky.weather.callersRace && world.dice.chance(0.3) ? 2 : 1
  for (let time = 0; time < times; time++) {
    const mark = `answer-${world.dice.uuid()}`
    world.script(`answer ${script.id} ${script.state}`, async () => {
      await world.sleep(latencyOf(script) * (time + 1))
      for (let beats = script.beats; beats > 0; beats--) {
        await heartbeat(world, token, script)
        await world.sleep(1_000)
      }
      await answer(world, token, script, failsBy(script), mark)
    })
  }
}

async function heartbeat(world: World, token: string, { id, state }: Script): Promise<void> {
  const arn = readTaskToken(token)?.executionArn ?? ''
  const beats = () => {
    const record = recordOf(world, arn)
    return record ? eventsOf(world.disk, record.key).filter(({ type }) => type === 'HeartbeatReceived').length : 0
  }
  await world.call(
    `heartbeat ${id} ${state}`,
    (control) => control.activities.taskHeartbeat(token),
    () => {
      const told = (world.heartbeatsTold.get(arn) ?? 0) + 1
      world.heartbeatsTold.set(arn, told)
      world.promise(`the heartbeat ${told} of ${id}`, () => beats() >= told)
    },
  )
}

async function answer(world: World, token: string, script: Script, isFailure: boolean, mark: string): Promise<void> {
  const given = await world.insist(
    `answer ${script.id} ${script.state}`,
    ({ activities }) =>
      isFailure
        ? activities.taskFailed(token, { error: 'Boom', cause: mark })
        : activities.taskSucceeded(token, JSON.stringify({ ...resultOf(script), mark })),
    () => world.promise(`the answer of ${script.state} for ${script.id} (${mark})`, () => isLogged(world, mark)),
  )
  if (given.kind === 'refused' && (!ENDED_BY_TOKEN.has(given.code) || isWaitedFor(world, token)))
    world.violate(`the answer of ${script.state} for ${script.id} was refused: ${given.code}`)
}

/** A worker of an activity. What it takes and loses is asked for again when its heartbeat fails. */
async function work(world: World, activityArn: string, name: string): Promise<void> {
  while (!world.isClosing) {
    const mark = `${name}-${world.dice.uuid()}`
    const taken = await world.call(
      `${name} polls`,
      (control, hangUp) => control.activities.nextTask(activityArn, mark, hangUp),
      (task) => {
        if (task) world.promise(`the task that ${mark} took`, () => isLogged(world, mark))
      },
      LONG_PATIENCE_MS,
    )
    if (taken.kind !== 'ok' || !taken.value) await world.sleep(500)
    else {
      const { token, input } = taken.value
      const script = scriptOf(JSON.parse(input))
      world.script(`work for ${script.id} ${script.state}`, async () => {
        await world.sleep(latencyOf(script))
        await answer(world, token, script, false, `answer-${mark}`)
      })
    }
  }
}

/** A task that its execution, as its log says, waits for: one that it does not wait for any more it never waits for again. */
function isWaitedFor(world: World, token: string): boolean {
  const record = recordOf(world, readTaskToken(token)?.executionArn ?? '')
  const frames = record?.status === 'RUNNING' ? (folded(world.disk, record)?.frames.values() ?? []) : []
  return [...frames].some(({ active }) => active?.task?.token === token)
}

const recordOf = ({ disk }: World, arn: string): ExecutionRecord | undefined =>
  disk.executions.get(disk.keysByArn.get(asId(arn)) ?? asId(0))

/** True when some event of some execution bears the mark. */
function isLogged({ disk }: World, mark: string): boolean {
  for (const turns of disk.logs.values())
    for (const { events } of turns)
      for (const event of events) {
        if ('output' in event && event.output?.text.includes(mark)) return true
        if ('cause' in event && event.cause === mark) return true
        if (event.type === 'ActivityStarted' && event.workerName === mark) return true
      }
  return false
}
