import { describe, expect, test } from 'vitest'

import { ARN, openService, pass, settled } from '../runtime/testing/world.ts'

const TASK = {
  Type: 'Task',
  Resource: 'arn:aws:states:::sns:publish',
  Parameters: { 'Message.$': "States.Format('{}', $)" },
  End: true,
}
const mapping = (more: object = {}) => ({
  StartAt: 'M',
  States: {
    M: {
      Type: 'Map',
      Label: 'items',
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'T',
        States: { T: TASK },
      },
      End: true,
      ...more,
    },
  },
})

/** An execution whose Map Run has five items, of which two are worked on. */
async function running(more: object = {}) {
  const { world, control, service } = await openService()
  const { arn: stateMachineArn } = await world.machine(mapping(more))
  const { executionArn } = await control.executions.start({ stateMachineArn, name: 'e', input: '[1,2,3,4,5]' })
  await pass(world, 1)
  const { rows } = await control.mapRuns.list(executionArn, 10)
  const mapRunArn = rows[0]?.arn ?? ''
  let answered = 0
  /** Answers all calls, those that follow too. */
  const answerAll = async (failing: readonly number[] = []) => {
    while (answered < service.calls.length) {
      const n = answered++
      const failed = { kind: 'failed', failure: { error: 'Boom' } } as const
      service.call(n).answer(failing.includes(n) ? failed : { kind: 'succeeded', output: n })
      await pass(world, 1)
    }
  }
  return { world, service, executionArn, stateMachineArn, mapRunArn, answerAll, ...control }
}
const notFound = (arn: string) => ({ code: 'ResourceNotFound', message: `Resource not found: '${arn}'` })

describe('a Map Run that runs', () => {
  test('is listed by its execution and described with its counts', async () => {
    const { world, mapRuns, executionArn, mapRunArn, stateMachineArn, answerAll } = await running()
    expect(mapRunArn).toMatch(/^arn:aws:states:us-east-1:000000000000:mapRun:m\/items:[0-9a-f-]{36}$/)
    const { run, counts } = await mapRuns.describe(mapRunArn)
    expect(run).toMatchObject({ executionArn, status: 'RUNNING', maxConcurrency: 2, toleratedFailureCount: 0, redriveCount: 0 })
    expect(run.stateMachineArn).toBe(`${stateMachineArn}/items`)
    expect(counts).toMatchObject({ RUNNING: { executions: 2, items: 2 } })
    await answerAll()
    const after = await mapRuns.describe(mapRunArn)
    expect(after.run).toMatchObject({ status: 'SUCCEEDED' })
    expect(after.counts).toEqual({ SUCCEEDED: { executions: 5, items: 5 } })
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '[0,1,2,3,4]' })
  })

  test('works on more at a time when it is told to', async () => {
    const { world, mapRuns, mapRunArn, service } = await running()
    expect(service.calls).toHaveLength(2)
    await mapRuns.update({ mapRunArn, maxConcurrency: 4 })
    await pass(world, 1)
    expect(service.calls).toHaveLength(4)
    expect((await mapRuns.describe(mapRunArn)).run.maxConcurrency).toBe(4)
  })

  test('tolerates more failures when it is told to, and leaves what it is not told', async () => {
    const { world, mapRuns, mapRunArn, executionArn, answerAll } = await running()
    await mapRuns.update({ mapRunArn, toleratedFailureCount: 1 })
    expect((await mapRuns.describe(mapRunArn)).run).toMatchObject({ maxConcurrency: 2, toleratedFailureCount: 1 })
    await answerAll([1])
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
    expect((await mapRuns.describe(mapRunArn)).counts).toMatchObject({ FAILED: { executions: 1, items: 1 } })
  })

  test('fails with more failures than it tolerates, and its children that ran are aborted', async () => {
    const { world, mapRuns, mapRunArn, executionArn, service } = await running()
    service.call(0).answer({ kind: 'failed', failure: { error: 'Boom' } })
    await pass(world, 1)
    expect(world.row(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' })
    const { run, counts } = await mapRuns.describe(mapRunArn)
    expect(run.status).toBe('FAILED')
    expect(counts).toMatchObject({ FAILED: { executions: 1 }, ABORTED: { executions: 1 } })
    expect(service.call(1).request.signal.aborted).toBe(true)
  })

  test('ends with the execution that is stopped', async () => {
    const { world, executions, mapRuns, mapRunArn, executionArn, service } = await running()
    await executions.stop(executionArn, { error: 'E' })
    await pass(world, 1)
    expect((await mapRuns.describe(mapRunArn)).run.status).toBe('ABORTED')
    for (const n of [0, 1]) expect(service.call(n).request.signal.aborted).toBe(true)
  })
})

describe('the children of a Map Run', () => {
  test('are listed by the run, filtered by status, and not among the executions of the machine', async () => {
    const { executions, mapRuns, mapRunArn, stateMachineArn, answerAll } = await running({ ToleratedFailureCount: 5 })
    const children = (await executions.list({ mapRunArn }, 10)).rows
    expect(children.map(({ status }) => status)).toEqual(['RUNNING', 'RUNNING'])
    await answerAll([3])
    const failed = (await executions.list({ mapRunArn, statusFilter: 'FAILED' }, 10)).rows
    expect(failed).toHaveLength(1)
    const [child] = failed
    if (!child) throw new Error('there is a child that failed')
    expect(await mapRuns.arnOf(child)).toBe(mapRunArn)
    expect(child.arn).toContain(':execution:m/items:')
    expect((await executions.machineOf(child)).label).toBe('items')
    expect((await executions.list({ stateMachineArn }, 10)).rows.map(({ name }) => name)).toEqual(['e'])
  })

  test.each(['D', 'Process all files'])('of a Map named %s, without a label, are shown with its processor', async (name) => {
    const { world, control } = await openService()
    const { Label: _, ...M } = mapping().States.M
    const { arn: stateMachineArn } = await world.machine({ StartAt: name, States: { [name]: M } })
    const { executionArn } = await control.executions.start({ stateMachineArn, name: 'e', input: '[1]' })
    await pass(world, 1)
    const mapRunArn = (await control.mapRuns.list(executionArn, 10)).rows[0]?.arn ?? ''
    const [child] = (await control.executions.list({ mapRunArn }, 10)).rows
    if (!child) throw new Error('there is a child')
    const { label, definition } = await control.executions.machineOf(child)
    expect(label).toBe(name.replaceAll(' ', ''))
    expect(JSON.parse(definition)).toEqual(M.ItemProcessor)
  })

  test('are redriven by their run alone', async () => {
    const { executions, mapRunArn, answerAll } = await running({ ToleratedFailureCount: 5 })
    await answerAll([3])
    const child = (await executions.list({ mapRunArn, statusFilter: 'FAILED' }, 10)).rows[0]
    await expect(executions.redrive(child?.arn ?? '')).rejects.toMatchObject({
      code: 'ExecutionNotRedrivable',
      message: 'Execution is a child of a Map Run: redrive its parent execution',
    })
  })

  test('that did not succeed run once more when their parent is redriven, and those that did do not', async () => {
    const { world, executions, mapRuns, mapRunArn, executionArn, service, answerAll } = await running()
    await answerAll([2])
    expect(world.row(executionArn)?.status).toBe('FAILED')
    const before = service.calls.length
    await executions.redrive(executionArn)
    await pass(world, 1)
    await answerAll()
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
    const { run, counts } = await mapRuns.describe(mapRunArn)
    expect(run).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 })
    expect(counts).toEqual({ SUCCEEDED: { executions: 5, items: 5 } })
    const again = service.calls.slice(before).map(({ request }) => (request.parameters as { Message: number }).Message)
    const first = service.calls.slice(0, before).map(({ request }) => (request.parameters as { Message: number }).Message)
    expect(again).not.toContain(first[0])
    expect(new Set([...first, ...again])).toEqual(new Set(['1', '2', '3', '4', '5']))
  })
})

describe('a Map Run', () => {
  test('that is over cannot be changed', async () => {
    const { mapRuns, mapRunArn, answerAll } = await running()
    await answerAll()
    await expect(mapRuns.update({ mapRunArn, maxConcurrency: 9 })).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Map Run is completed and cannot be updated',
      detail: { reason: 'CANNOT_UPDATE_COMPLETED_MAP_RUN' },
    })
    expect((await mapRuns.describe(mapRunArn)).run.maxConcurrency).toBe(2)
  })

  test('that cannot record a change just now tells so, and keeps what it had', async () => {
    const { world, mapRuns, mapRunArn } = await running()
    world.unruly.faultOf = (method) => (method === 'commitMapRun' ? 'fails' : undefined)
    const asked = mapRuns.update({ mapRunArn, maxConcurrency: 9 }).then(
      () => 'changed',
      (error: { code: string }) => error.code,
    )
    await pass(world, 1)
    expect(await Promise.race([asked, settled().then(() => 'nobody has answered')])).toBe('ServiceUnavailable')
    world.unruly.recover()
    expect((await mapRuns.describe(mapRunArn)).run.maxConcurrency).toBe(2)
  })

  test('that is not there is told so', async () => {
    const { mapRuns, executions } = await running()
    const none = `${ARN}:mapRun:m/items:none`
    await expect(mapRuns.describe(none)).rejects.toMatchObject(notFound(none))
    await expect(mapRuns.update({ mapRunArn: none, maxConcurrency: 1 })).rejects.toMatchObject(notFound(none))
    await expect(executions.list({ mapRunArn: none }, 10)).rejects.toMatchObject(notFound(none))
    for (const arn of ['x', `${ARN}:stateMachine:m`, `${ARN}:mapRun:m:id`])
      await expect(mapRuns.describe(arn)).rejects.toMatchObject({ code: 'InvalidArn' })
  })

  test('is listed by an execution that is there', async () => {
    const { mapRuns } = await running()
    const none = `${ARN}:execution:m:none`
    await expect(mapRuns.list(none, 10)).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${none}'`,
    })
    await expect(mapRuns.list(`${ARN}:express:m:e:u`, 10)).rejects.toMatchObject({ code: 'InvalidArn' })
  })
})

test('the Map Runs of an execution are listed page by page', async () => {
  const { world, control } = await openService()
  const branch = (label: string) => {
    const { M } = mapping({ Label: label }).States
    const ItemProcessor = { ...M.ItemProcessor, StartAt: `T${label}`, States: { [`T${label}`]: TASK } }
    return { StartAt: `M${label}`, States: { [`M${label}`]: { ...M, ItemProcessor } } }
  }
  const Branches = ['a', 'b', 'c'].map(branch)
  const machine = await world.machine({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches, End: true } } })
  const { executionArn } = await control.executions.start({ stateMachineArn: machine.arn, name: 'e', input: '[1]' })
  await pass(world, 1)
  const page = await control.mapRuns.list(executionArn, 2)
  const rest = await control.mapRuns.list(executionArn, 2, page.next)
  const labels = [...page.rows, ...rest.rows].map(({ arn }) => arn.split('/')[1]?.split(':')[0])
  expect(labels.toSorted()).toEqual(['a', 'b', 'c'])
  expect(rest).not.toHaveProperty('next')
})
