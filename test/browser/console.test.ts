/** The console in a real browser before the real program. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from '../e2e/server.ts'
import { CHROMIUM, openBrowser, openPage, type StatesClient, statesClient } from './browser.ts'
import { expectAccessible } from './judge.ts'

/** Fails in its second state, on purpose. */
const BREAKS = {
  QueryLanguage: 'JSONata',
  StartAt: 'Prepare',
  States: {
    Prepare: { Type: 'Pass', Output: { ready: true }, Next: 'Break' },
    Break: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'missing' }, End: true },
  },
}

let server: RunningServer
let directory: string
let browser: Browser
let states: StatesClient

describe.skipIf(CHROMIUM === undefined && process.env['CI'] === undefined)('the console', () => {
  beforeAll(async () => {
    directory = await makeDataDirectory()
    server = await startServer(directory)
    browser = await openBrowser()
    states = statesClient(server.url)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await removeDataDirectory(directory)
  })

  test('a first run offers the founding workflows, and one of them runs before our eyes', async () => {
    const { page, context, complaints } = await openPage(browser, server.url)
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
    expect(complaints).toEqual([])
    await context.close()
  })

  test.each(['Distributed Map over S3', 'ETL: S3, Lambda, DynamoDB', 'Nested workflows'])(
    'the template %s comes with its data and runs to its end',
    async (name) => {
      const { page, context, complaints } = await openPage(browser, server.url)
      await page.goto('/console/create')
      await page.getByRole('button', { name: `Bring up: ${name}` }).click()
      await startIn(page)
      await page.getByRole('main').getByText('Succeeded', { exact: true }).first().waitFor({ timeout: 25_000 })
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  test('an execution that failed leads to its step; it is redriven, and seen as it was before', async () => {
    const { page, context, complaints } = await openPage(browser, server.url)
    await page.goto(await states.execution('breaks', BREAKS))
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
    expect(complaints).toEqual([])
    await context.close()
  })

  test('a workflow is written with its faults told, then saved and started', async () => {
    const { page, context, complaints } = await openPage(browser, server.url)
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
    expect(complaints).toEqual([])
    await context.close()
  })

  test('Portuguese is chosen by the browser, and English by hand', async () => {
    const { page, context } = await openPage(browser, server.url, { locale: 'pt-BR' })
    await page.goto('/')
    await page.getByRole('link', { name: 'Máquinas de estado' }).waitFor()
    await page.getByRole('combobox', { name: 'Idioma' }).selectOption('en')
    await page.getByRole('link', { name: 'State machines' }).waitFor()
    await context.close()
  })

  test('the keyboard alone starts an execution', async () => {
    const { page, context } = await openPage(browser, server.url)
    await states.createMachine('by-keyboard', { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })
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
    await context.close()
  })

  test('hostile texts are shown and do nothing', async () => {
    const { page, context, complaints } = await openPage(browser, server.url)
    const name = '<img src=x onerror=alert(1)>‮ gnirts'
    const input = JSON.stringify({ text: '<script>alert(2)</script>', long: 'x'.repeat(200_000) })
    page.on('dialog', () => complaints.push('a script ran'))
    await page.goto(await states.execution('hostile', { StartAt: name, States: { [name]: { Type: 'Pass', End: true } } }, input))
    await page.getByRole('button', { name: /onerror.*Succeeded/ }).click()
    await page.getByText('<script>alert(2)</script>').first().waitFor()
    expect(await page.locator('img[src=x]').count()).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })

  test('every page of the menu opens without a serious fault, dark and on a phone too', async () => {
    const { page, context, complaints } = await openPage(browser, server.url, { width: 360, height: 740, theme: 'dark' })
    for (const name of ['machines', 'create', 'activities', 'buckets', 'functions', 'topics', 'queues', 'tables', 'logs']) {
      await page.goto(`/console/${name}`)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await expectAccessible(page)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      expect(overflow, name).toBeLessThanOrEqual(0)
    }
    expect(complaints).toEqual([])
    await context.close()
  })

  test('pages come with a strict policy, and S3 still lists its buckets at the same place', async () => {
    const page = await fetch(server.url, { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(await page.text()).not.toMatch(/<script>|\son\w+=/)
    const buckets = await fetch(server.url, { headers: { accept: '*/*' } })
    expect(await buckets.text()).toContain('ListAllMyBucketsResult')
    const outside = await fetch(`${server.url}/_regente/console/..%2f..%2fpackage.json`)
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
