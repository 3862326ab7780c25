import { describe, expect, test } from 'vitest'

import { deferred } from '../base/deferred.ts'

import { ARN, openService, pass, settled, World } from './testing/world.ts'

const ROLE = 'arn:aws:iam::000000000000:role/r'
const M = `${ARN}:stateMachine:m`
const machine = (...states: readonly (readonly [string, object])[]) => ({
  StartAt: states[0]?.[0],
  States: Object.fromEntries(states),
})
const wait = (Seconds: number, then: object = { End: true }) => ({ Type: 'Wait', Seconds, ...then })
const PASS = { Type: 'Pass', End: true }
const STEPS = machine(['W', wait(2, { Next: 'After' })], ['After', PASS])

/** A machine that is deleted while an execution of it runs. */
async function deleted(definition: object, world = new World(), input = '{}') {
  const service = await openService(world)
  const { control } = service
  await control.machines.create({ name: 'm', definition: JSON.stringify(definition), roleArn: ROLE, publish: true })
  const { executionArn } = await control.executions.start({ stateMachineArn: M, name: 'e', input })
  await pass(world, 1)
  await control.machines.remove(M)
  const status = () => world.row(executionArn)?.status
  return { ...service, ...control, executionArn, status }
}
const GONE = { code: 'StateMachineDoesNotExist' }
const DELETING = { code: 'StateMachineDeleting', message: `State Machine is deleting: '${M}'` }

describe('a machine that is deleted while an execution runs', () => {
  test('is there until the execution ends, which it does at its next transition', async () => {
    const { world, machines, executions, status, executionArn, runtime } = await deleted(STEPS)
    expect((await machines.describe(M)).machine.status).toBe('DELETING')
    expect(status()).toBe('RUNNING')
    await pass(world, 2)
    expect(status()).toBe('ABORTED')
    expect(world.logOf(executionArn).slice(-2)).toEqual(['StateExited', 'ExecutionAborted'])
    expect(await executions.find(executionArn)).not.toHaveProperty('error')
    await expect(machines.describe(M)).rejects.toMatchObject(GONE)
    expect(runtime.census()).toMatchObject({ active: 0, deletions: 0 })
    await machines.create({ name: 'm', definition: JSON.stringify(STEPS), roleArn: ROLE })
  })

  test('takes no start, change, version, alias or namesake, and is deleted once more without harm', async () => {
    const { world, machines, executions, versions, status } = await deleted(STEPS)
    const definition = JSON.stringify(STEPS)
    const routes = [{ stateMachineVersionArn: `${M}:1`, weight: 100 }]
    await expect(executions.start({ stateMachineArn: M })).rejects.toMatchObject(DELETING)
    await expect(machines.create({ name: 'm', definition, roleArn: ROLE })).rejects.toMatchObject(DELETING)
    await expect(machines.update({ stateMachineArn: M, roleArn: `${ROLE}2` })).rejects.toMatchObject(DELETING)
    await expect(versions.publish(M, undefined, undefined)).rejects.toMatchObject(DELETING)
    await expect(versions.createAlias('a', undefined, routes)).rejects.toMatchObject(DELETING)
    await machines.remove(M)
    expect(status()).toBe('RUNNING')
    await pass(world, 2)
    expect(status()).toBe('ABORTED')
  })

  test('lets the execution end as it would where no state follows', async () => {
    const { world, machines, status } = await deleted(machine(['W', wait(2)]))
    await pass(world, 2)
    expect(status()).toBe('SUCCEEDED')
    await expect(machines.describe(M)).rejects.toMatchObject(GONE)
  })

  test('ends it at the first transition of any branch', async () => {
    const Branches = [machine(['L', wait(3_600)]), machine(['W', wait(2, { Next: 'X' })], ['X', PASS])]
    const { world, status } = await deleted(machine(['P', { Type: 'Parallel', Branches, End: true }]))
    await pass(world, 2)
    expect(status()).toBe('ABORTED')
  })

  test('ends the children of its Map Runs, and the execution with them', async () => {
    const ItemProcessor = { ...STEPS, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }
    const map = machine(['M', { Type: 'Map', ItemProcessor, Next: 'Then' }], ['Then', PASS])
    const { world, machines, mapRuns, executions, executionArn, status } = await deleted(map, new World(), '[1,2]')
    const mapRunArn = (await mapRuns.list(executionArn, 10)).rows[0]?.arn ?? ''
    await pass(world, 5)
    expect((await executions.list({ mapRunArn }, 10)).rows.map((child) => child.status)).toEqual(['ABORTED', 'ABORTED'])
    expect(status()).toBe('ABORTED')
    await expect(machines.describe(M)).rejects.toMatchObject(GONE)
  })

  test('cannot be redriven into: the execution that failed before tells why', async () => {
    const fails = machine(
      ['C', { Type: 'Choice', Choices: [{ Variable: '$.fail', IsPresent: true, Next: 'F' }], Default: 'W' }],
      ['F', { Type: 'Fail' }],
      ['W', wait(60, { Next: 'F' })],
    )
    const { control, world } = await openService()
    const { machines, executions } = control
    await machines.create({ name: 'm', definition: JSON.stringify(fails), roleArn: ROLE })
    const failed = await executions.start({ stateMachineArn: M, name: 'f', input: '{"fail":1}' })
    await executions.start({ stateMachineArn: M, name: 'w' })
    await pass(world, 1)
    await machines.remove(M)
    const reason = 'State machine is in DELETING status.'
    await expect(executions.redrive(failed.executionArn)).rejects.toMatchObject({ message: reason })
    expect(await executions.redriveStatus(await executions.find(failed.executionArn))).toMatchObject({ reason })
  })
})

describe('a deletion that is being recorded', () => {
  async function created() {
    const { control, world } = await openService()
    await control.machines.create({ name: 'm', definition: JSON.stringify(STEPS), roleArn: ROLE })
    return { ...control, world }
  }

  test('lets no start in behind its look at what runs', async () => {
    const { machines, executions, world } = await created()
    const recorded = deferred<void>()
    world.unruly.meet('setStateMachineStatus', recorded.promise)
    const removal = machines.remove(M)
    await settled()
    await expect(executions.start({ stateMachineArn: M })).rejects.toMatchObject(GONE)
    recorded.resolve()
    await removal
    expect(world.disk.executions.size).toBe(0)
    expect(world.disk.machines.size).toBe(0)
  })

  test('and cannot be, changes nothing', async () => {
    const { machines, executions, world } = await created()
    world.unruly.meet('setStateMachineStatus', 'fails')
    await expect(machines.remove(M)).rejects.toThrow('the disk is full')
    await executions.start({ stateMachineArn: M, name: 'e' })
    expect((await machines.describe(M)).machine.status).toBe('ACTIVE')
  })

  test('is gone on with, whatever the caller was told of it', async () => {
    const { machines, world } = await created()
    world.unruly.meet('deleteStateMachine', 'fails')
    await expect(machines.remove(M)).rejects.toThrow('the disk is full')
    await pass(world, 60)
    await expect(machines.describe(M)).rejects.toMatchObject(GONE)
  })
})

describe('a deletion that a process has begun', () => {
  test('is gone on with by the next', async () => {
    const { world, runtime, status } = await deleted(STEPS)
    await runtime.close()
    const next = await openService(world)
    expect((await next.control.machines.describe(M)).machine.status).toBe('DELETING')
    await pass(world, 2)
    expect(status()).toBe('ABORTED')
    await expect(next.control.machines.describe(M)).rejects.toMatchObject(GONE)
  })

  test('is finished by the next where nothing runs any more', async () => {
    const { world, control, runtime } = await openService()
    const { machine } = await control.machines.create({ name: 'm', definition: JSON.stringify(STEPS), roleArn: ROLE })
    await world.store.setStateMachineStatus(machine.key, 'DELETING')
    await runtime.close()
    const next = await openService(world)
    await settled()
    await expect(next.control.machines.describe(M)).rejects.toMatchObject(GONE)
  })
})
