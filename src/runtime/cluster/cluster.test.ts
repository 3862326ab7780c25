import { describe, expect, test } from 'vitest'

import { ALL_SHARDS, type ExecutionKey, shardOf } from '../../base/ids.ts'

import { LEASE_MS, Nodes } from '../testing/nodes.ts'
import { pass, settled, World } from '../testing/world.ts'

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' }, End: true }
const CALL = { StartAt: 'T', States: { T: TASK } }
const WAIT = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 5, End: true } } }
const TOKEN = {
  StartAt: 'T',
  States: {
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
      End: true,
    },
  },
}
const CALL_THEN_TOKEN = { StartAt: 'C', States: { C: { ...TASK, End: undefined, Next: 'T' }, ...TOKEN.States } }
const LEASE_SECONDS = LEASE_MS / 1000

type Node = Awaited<ReturnType<Nodes['open']>>

/** So many nodes that have found their shares. */
async function cluster(count: number) {
  const world = new World()
  const nodes = new Nodes(world)
  const open: Node[] = []
  for (let n = 0; n < count; n++) open.push(await nodes.open())
  await pass(world, 10)
  const [first, second, third] = open
  if (!first || !second) throw new Error('a cluster has at least two nodes')
  return { world, nodes, open, first, second, third }
}

const heldOf = ({ store }: Node) => store.leases?.held() ?? new Set()

function holderOf(world: World, open: readonly Node[], executionArn: string): Node {
  const key = world.row(executionArn)?.key
  const holder = key === undefined ? undefined : open.find((node) => heldOf(node).has(shardOf(key)))
  if (!holder) throw new Error(`nobody holds ${executionArn}`)
  return holder
}

function keyOf(world: World, executionArn: string): ExecutionKey {
  const key = world.row(executionArn)?.key
  if (key === undefined) throw new Error(`there is no ${executionArn}`)
  return key
}

/** Starts at `by`; the answer has the nodes that do and do not hold it. */
async function started({ world, open }: { world: World; open: readonly Node[] }, definition: object, by: Node, name = 'e') {
  const machine = world.disk.machines.size === 0 ? await world.machine(definition) : [...world.disk.machines.values()][0]
  const { executionArn } = await by.control.executions.start({ stateMachineArn: machine?.arn ?? '', name })
  const holder = holderOf(world, open, executionArn)
  const other = open.find((node) => node !== holder)
  if (!other) throw new Error('there is another node')
  return { executionArn, holder, other }
}

describe('shards', () => {
  test('are spread evenly when nodes come, each held by one', async () => {
    const { open } = await cluster(3)
    const sizes = open.map((node) => heldOf(node).size)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(ALL_SHARDS.length)
    expect(Math.max(...sizes)).toBe(86)
    expect(new Set(open.flatMap((node) => [...heldOf(node)])).size).toBe(ALL_SHARDS.length)
  })

  test('of a node that dies are taken when its lease has run out, and not before', async () => {
    const { world, open, first, second } = await cluster(2)
    first.kill()
    await pass(world, LEASE_SECONDS * 0.6)
    expect(heldOf(second).size).toBe(128)
    await pass(world, LEASE_SECONDS)
    expect(heldOf(second).size).toBe(ALL_SHARDS.length)
    expect(open).toHaveLength(2)
  })

  test('stay where they are when the store was away for longer than a lease', async () => {
    const { world, nodes, ...all } = await cluster(2)
    const before = all.open.map((node) => [...heldOf(node)])
    const { executionArn, holder, other } = await started({ world, ...all }, CALL, all.first)
    for (const { url } of all.open) nodes.withoutStore.add(url)
    await pass(world, LEASE_SECONDS * 1.5)
    nodes.withoutStore.delete(other.url)
    await pass(world, 1)
    nodes.withoutStore.clear()
    await pass(world, LEASE_SECONDS * 2)
    expect(all.open.map((node) => [...heldOf(node)])).toEqual(before)
    expect(other.service.calls).toHaveLength(0)
    holder.service.call(0).answer({ kind: 'succeeded', output: 1 })
    await settled()
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('are worked at as soon as the store is back, and not when the pause of a retry is over', async () => {
    const { world, nodes, ...all } = await cluster(2)
    const { executionArn, holder } = await started({ world, ...all }, CALL, all.first)
    nodes.withoutStore.add(holder.url)
    holder.service.call(0).answer({ kind: 'succeeded', output: 1 })
    await pass(world, LEASE_SECONDS * 0.5)
    nodes.withoutStore.clear()
    await pass(world, 0.5)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('of a node that died while the store was away are taken a lease later', async () => {
    const { world, nodes, first, second } = await cluster(2)
    nodes.withoutStore.add(second.url)
    first.kill()
    await pass(world, LEASE_SECONDS * 1.5)
    nodes.withoutStore.clear()
    await pass(world, LEASE_SECONDS * 0.9)
    expect(heldOf(second).size).toBe(128)
    await pass(world, LEASE_SECONDS * 0.5)
    expect(heldOf(second).size).toBe(ALL_SHARDS.length)
  })

  test('of a node that stops are given up at once', async () => {
    const { world, first, second } = await cluster(2)
    const drained = first.runtime.drain(5_000)
    await pass(world, 1)
    await drained
    await first.runtime.close()
    await pass(world, 1)
    expect(heldOf(second).size).toBe(ALL_SHARDS.length)
  })

  test('stay where a call is under way, and move when it is over', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, CALL, all.first)
    const drained = holder.runtime.drain(60_000)
    await pass(world, 5)
    expect(heldOf(holder).size).toBe(1)
    expect(other.service.calls).toHaveLength(0)
    holder.service.call(0).answer({ kind: 'succeeded', output: 1 })
    await pass(world, 1)
    await drained
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
    expect(heldOf(other).size).toBe(ALL_SHARDS.length)
  })
})

describe('whatever node is asked', () => {
  test('a stop takes effect where the execution is', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, other } = await started({ world, ...all }, WAIT, all.first)
    await other.control.executions.stop(executionArn, { error: 'E' })
    expect(world.row(executionArn)).toMatchObject({ status: 'ABORTED', error: 'E' })
  })

  test('an answer of a task token is taken, once', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, TOKEN, all.first)
    const token = String((holder.service.call(0).request.parameters as { MessageBody: string }).MessageBody)
    await other.control.activities.taskHeartbeat(token)
    holder.service.call(0).answer({ kind: 'submitted', output: { MessageId: 'm' } })
    await other.control.activities.taskSucceeded(token, '7')
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '7' })
    await expect(other.control.activities.taskSucceeded(token, '8')).rejects.toMatchObject({ code: 'TaskTimedOut' })
  })

  test('a redrive begins it again', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, CALL, all.first)
    holder.service.call(0).answer({ kind: 'failed', failure: { error: 'Boom', cause: '' } })
    await settled()
    await other.control.executions.redrive(executionArn, 'token')
    expect(await all.first.control.executions.redrive(executionArn, 'token')).toBeDefined()
    await settled()
    expect(world.row(executionArn)).toMatchObject({ status: 'RUNNING', redriveCount: 1 })
    expect(holder.service.calls).toHaveLength(2)
  })

  test('a task of an activity is given to a worker who waits there', async () => {
    const { world, ...all } = await cluster(2)
    const activity = await all.first.control.activities.create('a', undefined, undefined)
    const machine = { StartAt: 'T', States: { T: { Type: 'Task', Resource: activity.arn, End: true } } }
    const waiting = all.open.map((node) =>
      node.control.activities.nextTask(activity.arn, 'w', new AbortController().signal).then((task) => ({ node, task })),
    )
    await pass(world, 1)
    const one = await started({ world, ...all }, machine, all.first, 'one')
    const two = await started({ world, ...all }, machine, one.holder, 'two')
    await pass(world, 1)
    const given = await Promise.all(waiting)
    expect(new Set(given.map(({ task }) => task?.token)).size).toBe(2)
    for (const { node, task } of given) {
      if (!task) throw new Error('every worker has a task')
      await node.control.activities.taskSucceeded(task.token, '1')
    }
    for (const { executionArn } of [one, two]) expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('a machine that another node has changed is read anew', async () => {
    const { world, first, second } = await cluster(2)
    const { arn: stateMachineArn } = await world.machine({ StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, End: true } } })
    await second.control.executions.start({ stateMachineArn, name: 'before' })
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Result: 2, End: true } } })
    await first.control.machines.update({ stateMachineArn, definition })
    const { executionArn } = await second.control.executions.start({ stateMachineArn, name: 'after' })
    expect(world.row(executionArn)?.output).toBe('2')
  })
})

test('a node that holds nothing starts Express executions, and tells whoever starts others to ask again', async () => {
  const { world, first } = await cluster(2)
  const definition = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }
  const [standard, express] = [await world.machine(definition), await world.machine(definition, 'EXPRESS', 'x')]
  const drained = first.runtime.drain(1_000)
  await pass(world, 2)
  await drained
  expect(heldOf(first).size).toBe(0)
  const { control } = first
  await expect(control.executions.start({ stateMachineArn: standard.arn })).rejects.toMatchObject({ code: 'ServiceUnavailable' })
  const { result } = await control.executions.startSync({ stateMachineArn: express.arn })
  expect(result.status).toBe('SUCCEEDED')
})

describe('a message to a node that does not answer', () => {
  test('waits in the inbox until whoever takes the shard has carried it out', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, WAIT, all.first)
    holder.kill()
    const stopped = other.control.executions.stop(executionArn, { error: 'E' })
    await pass(world, LEASE_SECONDS * 1.6)
    await stopped
    expect(world.row(executionArn)).toMatchObject({ status: 'ABORTED', error: 'E' })
    await pass(world, 1)
    expect(world.disk.inbox.size).toBe(0)
  })

  test('is carried out by the node itself when calls do not reach it and the store does', async () => {
    const { world, nodes, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, WAIT, all.first)
    nodes.cutOff.add(holder.url)
    const stopped = other.control.executions.stop(executionArn, {})
    await pass(world, 3)
    await stopped
    expect(world.row(executionArn)?.status).toBe('ABORTED')
    expect(heldOf(holder).size).toBe(128)
  })
})

describe('a message that is heard late', () => {
  test('does not stop what was redriven since', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder } = await started({ world, ...all }, CALL, all.first)
    holder.service.call(0).answer({ kind: 'failed', failure: { error: 'Boom', cause: '' } })
    await settled()
    await holder.control.executions.redrive(executionArn)
    const key = keyOf(world, executionArn)
    const late = { type: 'Stop', key, redriveCount: 0, failure: {} } as const
    expect(await holder.runtime.nodeAnswers?.deliver({ id: 'late', message: late })).toEqual({ answer: 'refused' })
    expect(world.row(executionArn)).toMatchObject({ status: 'RUNNING', redriveCount: 1 })
  })

  test('is not refused by a node that knows no better than that it was asleep', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, CALL_THEN_TOKEN, all.first)
    holder.sleep()
    await pass(world, LEASE_SECONDS * 1.6)
    other.service.call(0).answer({ kind: 'succeeded', output: 1 })
    await settled()
    const { MessageBody: token } = other.service.call(1).request.parameters as { MessageBody: string }
    other.service.call(1).answer({ kind: 'submitted', output: { MessageId: 'm' } })
    holder.wake()
    const answer = { type: 'succeeded', output: '7' } as const
    const message = { type: 'AnswerTask', key: keyOf(world, executionArn), token, answer } as const
    expect(await holder.runtime.nodeAnswers?.deliver({ id: 'm', message })).toEqual({ answer: 'unavailable' })
    await holder.control.activities.taskSucceeded(token, '7')
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '7' })
  })
})

describe('a node that dies', () => {
  test('has its timers fired by another one', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder } = await started({ world, ...all }, WAIT, all.first)
    holder.kill()
    await pass(world, LEASE_SECONDS * 1.6)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('has its calls made again by another one', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, CALL, all.first)
    holder.kill()
    await pass(world, LEASE_SECONDS * 1.6)
    other.service.call(0).answer({ kind: 'succeeded', output: 1 })
    await settled()
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('and wakes finds that nothing is its own any more', async () => {
    const { world, ...all } = await cluster(2)
    const { executionArn, holder, other } = await started({ world, ...all }, CALL, all.first)
    holder.sleep()
    await pass(world, LEASE_SECONDS * 1.6)
    other.service.call(0).answer({ kind: 'succeeded', output: 'by the new holder' })
    holder.service.call(0).answer({ kind: 'succeeded', output: 'by the sleeper' })
    holder.wake()
    await pass(world, 10)
    expect(world.row(executionArn)?.output).toBe('"by the new holder"')
    expect(world.logOf(executionArn).filter((type) => type === 'TaskSucceeded')).toHaveLength(1)
    const sizes = all.open.map((node) => heldOf(node).size)
    expect(sizes).toEqual([128, 128])
  })
})

describe('a Distributed Map', () => {
  const map = (child: object) => ({
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        ItemsPath: '$',
        End: true,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'S',
          States: { S: child },
        },
      },
    },
  })
  const begin = async (world: World, node: Node, child: object, items: number) => {
    const { arn: stateMachineArn } = await world.machine(map(child))
    const input = JSON.stringify(Array.from({ length: items }, (_, i) => i))
    return node.control.executions.start({ stateMachineArn, name: 'e', input })
  }

  test('has its children on all nodes, and their ends come back', async () => {
    const { world, open, first } = await cluster(3)
    const { executionArn } = await begin(world, first, TASK, 60)
    await pass(world, 2)
    expect(open.map(({ service }) => service.calls.length > 0)).toEqual([true, true, true])
    expect(open.reduce((sum, { service }) => sum + service.calls.length, 0)).toBe(60)
    for (const { service } of open) for (const call of service.calls) call.answer({ kind: 'succeeded', output: 1 })
    await pass(world, 2)
    expect(JSON.parse(world.row(executionArn)?.output ?? '[]')).toHaveLength(60)
  })

  test('of Express children makes no call of theirs twice because a node comes', async () => {
    const world = new World()
    const nodes = new Nodes(world)
    const first = await nodes.open()
    const states = {
      S: { ...TASK, End: undefined, Next: 'W' },
      W: { Type: 'Wait', Seconds: 5, Next: 'T' },
      T: TASK,
    }
    const { arn: stateMachineArn } = await world.machine({
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$',
          End: true,
          ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' }, StartAt: 'S', States: states },
        },
      },
    })
    const input = JSON.stringify(Array.from({ length: 20 }, (_, i) => i))
    const { executionArn } = await first.control.executions.start({ stateMachineArn, name: 'e', input })
    await pass(world, 1)
    for (const call of first.service.calls) call.answer({ kind: 'succeeded', output: 1 })
    await settled()
    const second = await nodes.open()
    await pass(world, 10)
    expect(heldOf(second).size).toBeGreaterThan(100)
    const calls = [...first.service.calls, ...second.service.calls]
    expect(calls).toHaveLength(40)
    for (const call of calls.slice(20)) call.answer({ kind: 'succeeded', output: 1 })
    await pass(world, 2)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('goes on when a node dies: what had finished is not done again, what had not is', async () => {
    const { world, open, first } = await cluster(3)
    const { executionArn } = await begin(world, first, TASK, 60)
    await pass(world, 2)
    const holder = holderOf(world, open, executionArn)
    const [dead, alive] = [open.find((node) => node !== holder), open.find((node) => node === holder)]
    if (!dead || !alive) throw new Error('there are others')
    const half = dead.service.calls.length >> 1
    for (const call of dead.service.calls.slice(0, half)) call.answer({ kind: 'succeeded', output: 1 })
    await pass(world, 1)
    const asked = open.reduce((sum, { service }) => sum + service.calls.length, 0)
    dead.kill()
    await pass(world, LEASE_SECONDS * 2)
    const again = open.reduce((sum, { service }) => sum + service.calls.length, 0) - asked
    expect(again).toBe(dead.service.calls.length - half)
    for (const { service } of open) for (const call of service.calls) call.answer({ kind: 'succeeded', output: 1 })
    await pass(world, 8)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('goes on by the store alone where no call reaches a node', async () => {
    for (const isDriver of [false, true]) {
      const { world, nodes, open, first } = await cluster(3)
      const { arn: stateMachineArn } = await world.machine(map(TASK))
      const input = JSON.stringify(Array.from({ length: 60 }, (_, i) => i))
      const start = async (name: string) => first.control.executions.start({ stateMachineArn, name, input })
      const { executionArn } = await start('e')
      const driver = holderOf(world, open, executionArn)
      const cut = isDriver ? driver : open.find((node) => node !== driver)
      nodes.cutOff.add(cut?.url ?? '')
      const { executionArn: aborted } = await start('aborted')
      await pass(world, 4)
      const calls = open.flatMap(({ service }) => service.calls)
      expect(calls).toHaveLength(120)
      await driver.control.executions.stop(aborted, {})
      await pass(world, 8)
      for (const call of calls) call.answer({ kind: 'succeeded', output: 1 })
      await pass(world, 4)
      expect(JSON.parse(world.row(executionArn)?.output ?? '[]')).toHaveLength(60)
      expect(world.row(aborted)?.status).toBe('ABORTED')
      expect([...world.disk.mapRuns.values()].map(({ status }) => status).sort()).toEqual(['ABORTED', 'SUCCEEDED'])
      expect(open.flatMap(({ service }) => service.calls)).toHaveLength(120)
      expect(world.disk.inbox.size).toBe(0)
      nodes.cutOff.clear()
    }
  })

  test('goes on when the node dies that drives it', async () => {
    const { world, open, first } = await cluster(3)
    const { executionArn } = await begin(world, first, TASK, 30)
    await pass(world, 2)
    holderOf(world, open, executionArn).kill()
    await pass(world, LEASE_SECONDS * 2)
    for (const { service } of open) for (const call of service.calls) call.answer({ kind: 'succeeded', output: 1 })
    await pass(world, 8)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })
})
