/** An execution and its machine, looked at in a real browser. */
import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { expectAccessible, expectNoSideScroll } from './judge.ts'
import { describeInBrowser } from './world.ts'

describeInBrowser('an execution', (world) => {
  test('a state shows the way of its data, its attempts and what it called', () =>
    world.visit(async (page) => {
      const activity = await world.states().call('CreateActivity', { name: 'ask' })
      const Resource = activity['activityArn'] ?? ''
      const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 2 }]
      const data = { InputPath: '$.order', Parameters: { 'number.$': '$.id' }, ResultPath: '$.answer' }
      const definition = { StartAt: 'Ask', States: { Ask: { Type: 'Task', Resource, Retry, ...data, End: true } } }
      await page.goto(
        await world
          .states()
          .execution('asks', definition, '{"order":{"id":7},"key":35261112345678901234550010000012341000012345}'),
      )
      const first = await world.states().call('GetActivityTask', { activityArn: Resource })
      await world.states().call('SendTaskFailure', { taskToken: first['taskToken'], error: 'Busy', cause: 'not now' })
      const second = await world.states().call('GetActivityTask', { activityArn: Resource })
      await world.states().call('SendTaskSuccess', { taskToken: second['taskToken'], output: '"yes"' })
      await page.getByRole('button', { name: /^Ask, Task · ask ↻1, Succeeded/ }).click()
      const inspector = page.getByRole('region', { name: 'Ask', exact: true })
      await inspector.getByText('"key": 35261112345678901234550010000012341000012345').waitFor()
      await inspector.getByRole('tab', { name: 'Data flow' }).click()
      await inspector.getByRole('region', { name: 'Parameters' }).getByText('"number": 7').waitFor()
      await inspector.getByRole('region', { name: 'ResultPath' }).getByText('"answer": "yes"').waitFor()
      await expectAccessible(page)
      await inspector.getByRole('tab', { name: 'Data flow' }).press('ArrowRight')
      await inspector.getByRole('tab', { name: 'Details', selected: true }).waitFor()
      await inspector.getByRole('tab', { name: 'Retries' }).click()
      await inspector.getByText('Busy: not now').waitFor()
      await inspector.getByText(/Attempt 2 · Succeeded/).waitFor()
    }))

  test('a failure within a Map is shown where it happened, at an address; a redrive that succeeds leaves nothing failed', () =>
    world.visit(async (page) => {
      const { activityArn: Resource = '' } = await world.states().call('CreateActivity', { name: 'each' })
      const inner = { Work: { Type: 'Task', Resource, End: true } }
      const Each = { Type: 'Map', MaxConcurrency: 1, ItemProcessor: { StartAt: 'Work', States: inner }, End: true }
      await page.goto(await world.states().execution('fails-within', { StartAt: 'Each', States: { Each } }, '["first"]'))
      const next = () => world.states().call('GetActivityTask', { activityArn: Resource })
      const { taskToken } = await next()
      await world.states().call('SendTaskFailure', { taskToken, error: 'Broken', cause: '{"errorMessage":"no luck"}' })
      await page.getByText('Failed in "Work"').waitFor()
      await page.getByRole('button', { name: 'Go to the failed step' }).click()
      const inspector = page.getByRole('region', { name: 'Work', exact: true })
      await inspector.getByRole('tab', { name: 'Failure', selected: true }).waitFor()
      await inspector.getByRole('region', { name: 'Cause' }).getByText('"errorMessage": "no luck"').waitFor()
      await page.getByRole('button', { name: /^Work, Task · each, Failed/ }).waitFor()
      await page.reload()
      await inspector.getByRole('tab', { name: 'Input' }).click()
      await inspector.getByText('"first"').waitFor()
      await page.getByRole('slider', { name: 'Time travel' }).press('Home')
      await page.getByRole('tab', { name: 'Event history' }).click()
      await page.getByText(/^You are looking at event 1 of/).waitFor()
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Redrive', exact: true }).click()
      await world.states().call('SendTaskSuccess', { taskToken: (await next())['taskToken'], output: '1' })
      await page.getByRole('tab', { name: 'Graph' }).click()
      await page.getByRole('button', { name: /^Work, Task · each, Succeeded/ }).waitFor()
      await page.getByRole('button', { name: /^Each, Map, Succeeded/ }).waitFor()
      await page.getByRole('tab', { name: 'Table' }).click()
      await page.getByRole('button', { name: /^Work \[0\]/ }).click()
      await inspector.getByRole('tab', { name: 'Retries' }).click()
      await inspector.getByText(/Redrive 1 · Attempt 1 · Succeeded/).waitFor()
      await expectAccessible(page)
    }))

  test('a task that waits with its token is answered, and its output searched', () =>
    world.visit(async (page) => {
      const { activityArn } = await world.states().call('CreateActivity', { name: 'unused' })
      const target = await world.states().createMachine('asked', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
      const Parameters = { StateMachineArn: target, Input: { 'token.$': '$$.Task.Token', activityArn } }
      const Ask = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.waitForTaskToken', Parameters, End: true }
      await page.goto(await world.states().execution('waits', { StartAt: 'Ask', States: { Ask } }))
      await page.getByText('1 waiting for an answer').waitFor()
      await page.getByRole('button', { name: 'Ask', exact: true }).click()
      const inspector = page.getByRole('region', { name: 'Ask', exact: true })
      const rows = Array.from({ length: 20 }, (_, id) => ({ id, name: `row ${id}` }))
      await inspector.getByRole('textbox', { name: 'Output (JSON)' }).fill(JSON.stringify({ rows, n: 1.1 }))
      await expectAccessible(page)
      await inspector.getByRole('button', { name: 'Approve' }).click()
      await page.getByRole('button', { name: /^Ask, Task .*, Succeeded/ }).waitFor()
      await inspector.getByRole('tab', { name: 'Output' }).click()
      await inspector.getByRole('button', { name: 'Fold all: Output' }).click()
      await inspector.getByRole('searchbox', { name: 'Search: Output' }).fill('row 17')
      await inspector.getByRole('region', { name: 'Output' }).getByText('"name": "row 17"').waitFor()
      await inspector.getByText('1/1').waitFor()
    }))

  test('an Express execution is listed, and shown with its states and its failure', () =>
    world.visit(async (page) => {
      const States = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Fail', Error: 'Oh', Cause: 'no' } }
      const definition = JSON.stringify({ StartAt: 'A', States })
      const roleArn = 'arn:aws:iam::000000000000:role/any'
      const { stateMachineArn = '' } = await world
        .states()
        .call('CreateStateMachine', { name: 'express', type: 'EXPRESS', roleArn, definition })
      await world.states().call('StartExecution', { stateMachineArn, name: 'quick', input: '{}' })
      await page.goto(`/console/machine/${encodeURIComponent(stateMachineArn)}`)
      await page.getByRole('link', { name: 'quick' }).click()
      await page.getByRole('button', { name: /^A, Pass, Succeeded/ }).waitFor()
      await page.getByText('Failed in "B"').waitFor()
      await page.getByRole('button', { name: 'Go to the failed step' }).click()
      await page.getByRole('region', { name: 'B', exact: true }).getByText('Oh').waitFor()
      await expectAccessible(page)
    }))

  test('a child leads to its parent and a parent to its child', () =>
    world.visit(async (page) => {
      const stateMachineArn = await world
        .states()
        .createMachine('child', { StartAt: 'C', States: { C: { Type: 'Pass', End: true } } })
      const Input = { 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id' }
      const Start = {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        End: true,
        Parameters: { StateMachineArn: stateMachineArn, Name: 'the-child', Input },
      }
      await page.goto(await world.states().execution('parent', { StartAt: 'Start', States: { Start } }))
      await page.getByRole('button', { name: /^Start, Task .*, Succeeded/ }).click()
      await page.getByRole('region', { name: 'Start', exact: true }).getByRole('tab', { name: 'Details' }).click()
      await page.getByRole('link', { name: 'the-child' }).click()
      await page.getByRole('heading', { name: 'the-child' }).waitFor()
      const parent = page
        .getByRole('definition')
        .filter({ has: page.getByRole('link') })
        .last()
      await parent.getByRole('link').click()
      await page.getByRole('button', { name: /^Start, Task .*, Succeeded/ }).waitFor()
    }))

  test('a failure is recovered from with another input', () =>
    world.visit(async (page) => {
      const Choices = [{ Variable: '$.ok', BooleanEquals: true, Next: 'Fine' }]
      const States = {
        Look: { Type: 'Choice', Choices, Default: 'Bad' },
        Fine: { Type: 'Succeed' },
        Bad: { Type: 'Fail', Error: 'Not.Ok' },
      }
      await page.goto(await world.states().execution('picky', { StartAt: 'Look', States }, '{"ok":false}'))
      await page.getByText('Failed in "Bad"').waitFor()
      await page.getByRole('button', { name: 'Recover' }).click()
      await page.getByRole('menuitem', { name: 'New execution with edited input' }).click()
      const input = page.getByRole('dialog').getByRole('textbox', { name: 'Input' })
      await input.fill('{"ok":true}')
      await page.getByRole('dialog').getByRole('button', { name: 'Start execution' }).click()
      await page.getByRole('button', { name: /^Fine, Succeed, Succeeded/ }).waitFor()
    }))

  test('an execution is stopped, after a question', () =>
    world.visit(async (page) => {
      const States = { Sleep: { Type: 'Wait', Seconds: 600, End: true } }
      await page.goto(await world.states().execution('sleeps', { StartAt: 'Sleep', States }))
      await page.getByRole('button', { name: 'Stop', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click()
      await page.getByRole('button', { name: /^Sleep, Wait, Aborted/ }).waitFor()
    }))

  test('two executions are compared, and the first difference is named', () =>
    world.visit(async (page) => {
      const Choices = [{ Variable: '$.left', BooleanEquals: true, Next: 'Left' }]
      const States = {
        Turn: { Type: 'Choice', Choices, Default: 'Right' },
        Left: { Type: 'Succeed' },
        Right: { Type: 'Succeed' },
      }
      const left = await world.states().execution('turns', { StartAt: 'Turn', States }, '{"left":true}')
      const stateMachineArn = decodeURIComponent(left).replace(/.*\/(.*):execution:([^:]*):.*/, '$1:stateMachine:$2')
      const { executionArn = '' } = await world.states().call('StartExecution', { stateMachineArn, input: '{"left":false}' })
      await page.goto(`${left.replace('/execution/', '/compare/')}?with=${encodeURIComponent(executionArn)}`)
      await page.getByRole('status').getByText('First difference: Way at "Left"').waitFor()
      await page.getByRole('button', { name: /^Turn .*Differs: Input, Output/ }).click()
      await page.getByRole('region', { name: 'Differences' }).getByRole('row', { name: 'Input $.left true false' }).waitFor()
      await page
        .getByRole('button', { name: /^Left, Succeed, Succeeded/ })
        .first()
        .waitFor()
      await page
        .getByRole('button', { name: /^Right, Succeed, Succeeded/ })
        .first()
        .waitFor()
      await expectAccessible(page)
    }))

  test('iterations of a Map are looked at one by one, in the picture and in the table', () =>
    world.visit(async (page) => {
      const Choices = [{ Variable: '$', NumericEquals: 2, Next: 'Two' }]
      const inner = { Which: { Type: 'Choice', Choices, Default: 'Other' }, Two: { Type: 'Succeed' }, Other: { Type: 'Succeed' } }
      const Each = { Type: 'Map', ItemProcessor: { StartAt: 'Which', States: inner }, End: true }
      await page.goto(await world.states().execution('each', { StartAt: 'Each', States: { Each } }, '[1,2,3]'))
      await page.getByRole('button', { name: /^Other, Succeed ×2, Succeeded/ }).waitFor()
      await page.getByRole('combobox', { name: 'Each' }).selectOption({ label: 'Iteration 1' })
      await page.getByRole('button', { name: /^Other, Succeed, Not entered/ }).waitFor()
      await page.getByRole('button', { name: /^Two, Succeed, Succeeded/ }).waitFor()
      await page.getByRole('tab', { name: 'Table' }).click()
      await page.getByRole('button', { name: /^Two \[1\]/ }).waitFor()
      await expectAccessible(page)
    }))

  test('the graph turns, becomes a list, and is saved as a picture', () =>
    world.visit(async (page) => {
      const name = 'a <b> & "c"'
      await page.goto(
        await world.states().execution('pictures', { StartAt: name, States: { [name]: { Type: 'Pass', End: true } } }),
      )
      await page.getByRole('button', { name: /^a <b>.*Succeeded/ }).waitFor()
      await page.getByRole('button', { name: 'Horizontal' }).click()
      const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export SVG' }).click()])
      const text = await readFile(await svg.path(), 'utf8')
      expect(text).toContain('a &lt;b&gt; &amp; "c"')
      const [png] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export PNG' }).click()])
      expect((await readFile(await png.path())).subarray(1, 4).toString()).toBe('PNG')
      await page.getByRole('button', { name: 'List', exact: true }).click()
      await page.getByRole('listitem').filter({ hasText: 'Succeeded' }).getByRole('button').click()
      await page.getByRole('region', { name, exact: true }).waitFor()
    }))

  test('the page keeps up without the change stream', () =>
    world.visit(
      async (page) => {
        await page.route('**/_regente/live**', (route) => route.abort())
        const wait = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3, Next: 'Done' }, Done: { Type: 'Succeed' } } }
        await page.goto(await world.states().execution('quiet', wait))
        await page.getByRole('button', { name: /^Done, Succeed, Succeeded/ }).waitFor()
      },
      { mayComplain: true },
    ))

  test('an execution, its machine, a comparison and the editor hold up in the dark and on a phone', () =>
    world.visit(
      async (page) => {
        const states = {
          Ok: { Type: 'Pass', Next: 'No' },
          No: { Type: 'Fail', Error: 'E'.repeat(200), Cause: 'x'.repeat(2_000) },
        }
        const path = await world.states().execution('narrow', { StartAt: 'Ok', States: states }, '{"a":1}')
        const machine = path.replace('/execution/', '/machine/').replace(/%3Aexecution%3A(.*)%3A.*/, '%3AstateMachine%3A$1')
        const [comparison, editor] = [path.replace('/execution/', '/compare/'), machine.replace('/machine/', '/editor/')]
        for (const one of [path, machine, comparison, editor]) {
          await page.goto(one)
          await page.getByRole('heading', { level: 1 }).first().waitFor()
          await page
            .getByRole('region', { name: 'Workflow graph' })
            .or(page.getByRole('heading', { name: /^Executions/ }))
            .first()
            .waitFor()
          await expectAccessible(page)
          await expectNoSideScroll(page, one)
        }
      },
      { width: 360, height: 740, theme: 'dark' },
    ))

  test('a machine tells how its executions went, where their time goes, and is deleted', () =>
    world.visit(async (page) => {
      const Choices = [{ Variable: '$.ok', BooleanEquals: true, Next: 'Fine' }]
      const States = {
        Look: { Type: 'Choice', Choices, Default: 'Bad' },
        Fine: { Type: 'Succeed' },
        Bad: { Type: 'Fail', Error: 'No' },
      }
      const stateMachineArn = await world.states().createMachine('watched', { StartAt: 'Look', States })
      for (const ok of [true, true, false])
        await world.states().call('StartExecution', { stateMachineArn, input: JSON.stringify({ ok }) })
      await page.goto(`/console/machine/${encodeURIComponent(stateMachineArn)}`)
      await page.getByRole('heading', { name: 'Executions (3)' }).waitFor()
      await page.getByRole('combobox', { name: 'Status' }).selectOption('FAILED')
      await page.getByRole('heading', { name: 'Executions (1)' }).waitFor()
      await page.getByRole('tab', { name: 'Monitoring' }).click()
      await page.getByText('Counted: the executions that started in this period (3).').waitFor()
      await page.getByRole('img', { name: 'Duration over time' }).locator('canvas').waitFor()
      await page.getByRole('row', { name: /^Bad 1 1 0/ }).waitFor()
      await expectAccessible(page)
      await page.getByRole('tab', { name: 'Versions' }).click()
      await page.getByRole('button', { name: 'Publish a version' }).click()
      await page.getByRole('row', { name: /watched:1/ }).waitFor()
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.waitForURL(/\/console\/machines$/)
    }))
})
