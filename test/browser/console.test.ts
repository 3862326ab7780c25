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

  test.each(['Distributed Map over S3', 'ETL: S3, Lambda, DynamoDB', 'Nested workflows'])(
    'the template %s comes with its data and runs to its end',
    (name) =>
      world.visit(async (page) => {
        await page.goto('/console/create')
        await page.getByRole('button', { name: `Bring up: ${name}` }).click()
        await startIn(page)
        await page.getByRole('main').getByText('Succeeded', { exact: true }).first().waitFor({ timeout: 25_000 })
      }),
  )

  test('an execution that failed leads to its step; it is redriven, and seen as it was before', () =>
    world.visit(async (page) => {
      await page.goto(await world.states().execution('breaks', BREAKS))
      await page.getByText('Failed in "Break"').waitFor()
      await page.getByRole('button', { name: 'Go to the failed step' }).click()
      const inspector = page.getByRole('region', { name: 'Break' })
      await inspector.getByRole('tab', { name: 'Details' }).click()
      await inspector.getByText('Lambda.ResourceNotFoundException').waitFor()
      const slider = page.getByRole('slider', { name: 'Time travel' })
      await slider.focus()
      await slider.press('Home')
      await page.getByRole('button', { name: /^Prepare, Pass, Not entered/ }).waitFor()
      await slider.press('ArrowRight')
      await page.getByRole('button', { name: /^Prepare, Pass, Running/ }).waitFor()
      await page.getByRole('button', { name: 'Back to now' }).click()
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
