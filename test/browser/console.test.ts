/** The console in a real browser before the real program. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'

import { expectAccessible } from './judge.ts'
import { describeInBrowser } from './world.ts'

/** Fails in its second state, on purpose. */
const BREAKS = {
  QueryLanguage: 'JSONata',
  StartAt: 'Prepare',
  States: {
    Prepare: { Type: 'Pass', Output: { ready: true }, Next: 'Break' },
    Break: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'missing' }, End: true },
  },
}

describeInBrowser('the console', (world) => {
  test('a first run offers the founding workflows, and one of them runs before our eyes', () =>
    world.visit(async (page) => {
      await page.goto('/')
      await page.getByRole('heading', { name: 'Run your first workflow' }).waitFor()
      await expectAccessible(page)
      await page.goto('/console/create')
      await page.getByRole('button', { name: 'Bring up: Parallel branches' }).click()
      await startIn(page)
      await page.getByRole('button', { name: /^Take a while, Wait, Running/ }).waitFor()
      await page.getByRole('button', { name: /^Extremes, Pass, Not entered/ }).waitFor()
      await page.getByRole('button', { name: /^Extremes, Pass, Succeeded/ }).click()
      await page.getByRole('region', { name: 'Extremes' }).getByRole('tab', { name: 'Output' }).click()
      await page.getByText('"max": 42').waitFor()
      await expectAccessible(page)
    }))

  test.each([
    ['Distributed Map over S3', 'http:'],
    ['ETL: S3, Lambda, DynamoDB', 'http:'],
    ['Nested workflows', 'https:'],
  ])('the template %s comes with its data and runs to its end, by %s', (name, scheme) =>
    world.visit(
      async (page) => {
        const live = page.waitForResponse('**/_regente/live**')
        await page.goto('/console/create')
        await page.getByRole('button', { name: `Bring up: ${name}` }).click()
        await startIn(page)
        expect([new URL(page.url()).protocol, (await live).status()]).toEqual([scheme, 200])
        await page.getByRole('main').getByText('Succeeded', { exact: true }).first().waitFor({ timeout: 25_000 })
      },
      { isSecure: scheme === 'https:' },
    ),
  )

  test('a page that is not seen holds no connection: a browser has six of them', () =>
    world.visit(async (page) => {
      const connection = page.waitForRequest('**/_regente/live')
      await page.goto('/console/machines')
      await connection
      const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/_regente/live'))
      await showPage(page, false)
      await closed
      const again = page.waitForRequest('**/_regente/live')
      await showPage(page, true)
      await again
    }))

  test('a template that is there is not brought up over what a person has made of it', () =>
    world.visit(async (page) => {
      await page.goto('/console/create')
      await page
        .getByRole('button', { name: 'Bring up: Parallel branches' })
        .or(page.getByRole('button', { name: 'Open: Parallel branches' }))
        .click()
      await page.waitForURL(/ParallelStatistics/)
      const stateMachineArn = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1) ?? '')
      const mine = JSON.stringify({ Comment: 'mine', StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
      await world.states().call('UpdateStateMachine', { stateMachineArn, definition: mine })
      await page.goto('/console/create')
      await page.getByRole('button', { name: 'Make a copy: Parallel branches' }).click()
      await page.getByRole('heading', { name: 'ParallelStatistics-copy' }).waitFor()
      expect((await world.states().call('DescribeStateMachine', { stateMachineArn }))['definition']).toBe(mine)
      await page.goto('/console/create')
      await page.getByRole('button', { name: 'Restore: Parallel branches' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click()
      await page.getByRole('heading', { name: 'ParallelStatistics', exact: true }).waitFor()
      await page.goto(`/console/machine/${encodeURIComponent(stateMachineArn)}?tab=versions`)
      await page.getByRole('button', { name: 'Start execution: 1' }).waitFor()
      expect((await world.states().call('DescribeStateMachine', { stateMachineArn: `${stateMachineArn}:1` }))['definition']).toBe(
        mine,
      )
      await expectAccessible(page)
    }))

  test('executions are found by name, and listed by the alias that started them; aliases and settings are changed in place', () =>
    world.visit(async (page) => {
      const stateMachineArn = await world
        .states()
        .createMachine('sought', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
      for (const name of ['first', 'second']) await world.states().call('StartExecution', { stateMachineArn, name })
      await world.states().call('PublishStateMachineVersion', { stateMachineArn })
      await page.goto(`/console/machine/${encodeURIComponent(stateMachineArn)}?tab=aliases`)
      await page.getByRole('textbox', { name: 'Name' }).fill('prod')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('button', { name: 'Start execution: prod' }).click()
      await page.getByRole('dialog').getByRole('textbox', { name: 'Name (optional)' }).fill('by-alias')
      await startIn(page)
      await page.waitForURL(/execution/)
      await page.goto(`/console/machine/${encodeURIComponent(stateMachineArn)}`)
      const rows = page.getByRole('row')
      await expect.poll(() => rows.count()).toBe(4)
      await page.getByRole('searchbox').fill('first')
      await expect.poll(() => rows.count()).toBe(2)
      await page.reload()
      await expect.poll(() => rows.count()).toBe(2)
      await page.getByRole('searchbox').fill('')
      await page.getByRole('combobox', { name: 'Version or alias' }).selectOption({ label: 'Alias prod' })
      await page.getByRole('link', { name: 'by-alias' }).waitFor()
      await expect.poll(() => rows.count()).toBe(2)
      await page.getByRole('tab', { name: 'Settings' }).click()
      await page.getByRole('combobox', { name: 'Log level' }).selectOption('ERROR')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved.').waitFor()
      await expectAccessible(page)
      const { loggingConfiguration } = await world.states().call('DescribeStateMachine', { stateMachineArn })
      expect(loggingConfiguration).toMatchObject({ level: 'ERROR' })
    }))

  test('every page has a title; where one goes, the focus goes; keys lead from page to page', () =>
    world.visit(async (page) => {
      await page.goto('/console/activities')
      await expect.poll(() => page.title()).toBe('Activities · Regente')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('page')
      await page.getByRole('link', { name: 'SQS queues' }).click()
      await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('H1')
      await page.keyboard.press('g')
      await page.keyboard.press('t')
      await expect.poll(() => page.title()).toBe('Templates · Regente')
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Shortcuts are on').waitFor()
    }))

  test('pages that were never opened are there without the server, and what is shown comes back with it', () =>
    world.visit(
      async (page) => {
        await page.goto('/console/activities')
        // The worker of the graph is the last to come.
        await page.waitForRequest(/elk-worker/)
        await page.waitForLoadState('networkidle')
        await page.context().setOffline(true)
        await page.getByRole('link', { name: 'SQS queues' }).click()
        await page.getByText('The server does not answer. Trying again').first().waitFor()
        await page.context().setOffline(false)
        await page.getByText('The server does not answer').waitFor({ state: 'detached' })
        await page.getByRole('heading', { name: 'SQS queues' }).waitFor()
      },
      { mayComplain: true },
    ))

  test('an execution that failed leads to its step; it is redriven, and seen as it was before', () =>
    world.visit(async (page) => {
      await page.goto(await world.states().execution('breaks', BREAKS))
      await page.getByText('Failed in "Break"').waitFor()
      await page.getByRole('button', { name: 'Go to the failed step' }).click()
      const inspector = page.getByRole('region', { name: 'Break' })
      await inspector.getByText('Lambda.ResourceNotFoundException').waitFor()
      const slider = page.getByRole('slider', { name: 'Time travel' })
      await slider.focus()
      await slider.press('Home')
      await page.getByRole('button', { name: /^Prepare, Pass, Not entered/ }).waitFor()
      await slider.press('ArrowRight')
      await page.getByRole('button', { name: /^Prepare, Pass, Running/ }).waitFor()
      await page.getByRole('button', { name: 'Back to now' }).first().click()
      await page.getByRole('button', { name: 'Redrive', exact: true }).click()
      await page.getByRole('tab', { name: 'Event history' }).click()
      await page.getByRole('button', { name: /ExecutionRedriven/ }).waitFor()
    }))

  test('a workflow is written with its faults told, then saved and started', () =>
    world.visit(async (page) => {
      await page.goto('/console/editor')
      const code = page.getByRole('textbox', { name: 'Definition' })
      const states = { One: { Type: 'Pass', Next: 'Nowhere' }, Two: { Type: 'Pass', Next: 'Three' }, Three: { Type: 'Succeed' } }
      await code.fill(JSON.stringify({ StartAt: 'One', States: states }))
      await page.getByText('MISSING_TRANSITION_TARGET').first().waitFor()
      await expectAccessible(page)
      await code.fill(JSON.stringify({ StartAt: 'One', States: { ...states, One: { Type: 'Pass', Next: 'Two' } } }))
      await page.getByText('No problems').waitFor()
      await page.getByRole('button', { name: /^Three, Succeed/ }).waitFor()
      await page.getByRole('textbox', { name: 'Name' }).fill('written-here')
      await page.getByRole('button', { name: 'Save and start' }).click()
      await startIn(page)
      await page.getByRole('button', { name: /^Three, Succeed, Succeeded/ }).waitFor()
    }))

  test('Portuguese is chosen by the browser, and English by hand', () =>
    world.visit(
      async (page) => {
        await page.goto('/')
        await page.getByRole('link', { name: 'Máquinas de estado' }).waitFor()
        await page.goto('/console/editor')
        await page.getByRole('button', { name: /^First, Pass/ }).waitFor()
        // What the library of the graph would tell screen readers, in English, of what cannot be done here.
        expect(await page.evaluate<string>('document.body.textContent')).not.toContain('Press enter')
        await page.getByRole('combobox', { name: 'Idioma' }).selectOption('en')
        await page.getByRole('link', { name: 'State machines' }).waitFor()
      },
      { locale: 'pt-BR' },
    ))

  test('the keyboard alone starts an execution', () =>
    world.visit(async (page) => {
      await world.states().createMachine('by-keyboard', { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })
      await page.goto('/')
      await tabTo(page, 'by-keyboard')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'by-keyboard' }).waitFor()
      await tabTo(page, 'Start execution')
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      await tabTo(page, 'Start execution')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: /^A, Pass, Succeeded/ }).waitFor()
    }))

  test('hostile texts are shown and do nothing', () =>
    world.visit(async (page) => {
      const name = '<img src=x onerror=alert(1)>‮ gnirts'
      const input = JSON.stringify({ text: '<script>alert(2)</script>', long: 'x'.repeat(200_000) })
      await page.goto(
        await world.states().execution('hostile', { StartAt: name, States: { [name]: { Type: 'Pass', End: true } } }, input),
      )
      await page.getByRole('button', { name: /onerror.*Succeeded/ }).click()
      await page.getByText('<script>alert(2)</script>').first().waitFor()
      expect(await page.locator('img[src=x]').count()).toBe(0)
    }))

  test('every page of the menu opens without a serious fault, dark and on a phone too', () =>
    world.visit(
      async (page) => {
        for (const name of ['machines', 'create', 'activities', 'buckets', 'functions', 'topics', 'queues', 'tables', 'logs']) {
          await page.goto(`/console/${name}`)
          await page.getByRole('heading', { level: 1 }).first().waitFor()
          await expectAccessible(page)
          const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
          expect(overflow, name).toBeLessThanOrEqual(0)
        }
      },
      { width: 360, height: 740, theme: 'dark' },
    ))

  test('pages come with a strict policy, and S3 still lists its buckets at the same place', async () => {
    const page = await fetch(world.url(), { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(await page.text()).not.toMatch(/<script>|\son\w+=/)
    const buckets = await fetch(world.url(), { headers: { accept: '*/*' } })
    expect(await buckets.text()).toContain('ListAllMyBucketsResult')
    const outside = await fetch(`${world.url()}/_regente/console/..%2f..%2fpackage.json`)
    expect(outside.status).toBe(404)
  })
})

async function startIn(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Start execution' }).click()
}

async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate<string>('document.activeElement?.textContent?.trim()')) === text) return
  }
  throw new Error(`Tab never comes to ${text}`)
}

/** As when one goes to another tab, and comes back. */
const showPage = (page: Page, isSeen: boolean): Promise<unknown> =>
  page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${!isSeen}, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
