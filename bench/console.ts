/**
 * The console in a real browser, against the program as it is built: `node scripts/build.mjs && node bench/console.ts`.
 * First paint and what was loaded for it, a layout of 500 states, an execution of 25,000 events, how soon a change is seen, panning.
 */
import type { Page } from 'playwright-core'

import { openBrowser, openPage, statesClient } from '../test/browser/browser.ts'
import { makeDataDirectory, removeDataDirectory, startServer } from '../test/e2e/server.ts'

const directory = await makeDataDirectory()
const server = await startServer(directory)
const browser = await openBrowser()
const { call, createMachine } = statesClient(server.url)

try {
  await firstPaint()
  await layoutOf500()
  await manyEvents()
  await changeSeen()
} finally {
  await browser.close()
  await server.stop()
  await removeDataDirectory(directory)
}

async function firstPaint() {
  const { page, context } = await openPage(browser, server.url)
  const sizes: number[] = []
  page.on('response', async (response) => {
    if (response.url().endsWith('.js')) sizes.push(Number((await response.allHeaders())['content-length'] ?? 0))
  })
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  const paint = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime")
  await page.waitForLoadState('networkidle')
  const total = sizes.reduce((sum, size) => sum + size, 0)
  console.log(
    `first contentful paint ${paint.toFixed(0)} ms; JavaScript ${(total / 1_024).toFixed(0)} KiB compressed in ${sizes.length} files`,
  )
  await context.close()
}

async function layoutOf500() {
  const States: Record<string, object> = {}
  for (let n = 0; n < 500; n++) {
    const Next = `State ${n + 1}`
    States[`State ${n}`] =
      n % 10 === 3 && n < 490
        ? { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: n, Next }], Default: `State ${n + 5}` }
        : { Type: 'Pass', ...(n === 499 ? { End: true } : { Next }) }
  }
  const arn = await createMachine('five-hundred', { StartAt: 'State 0', States })
  const { page, context } = await openPage(browser, server.url)
  await page.goto(`/console/machine/${encodeURIComponent(arn)}`)
  await page.getByRole('tab', { name: 'Executions' }).waitFor()
  const startedAt = performance.now()
  await page.getByRole('tab', { name: 'Definition' }).click()
  await page.getByRole('button', { name: /^State 0,/ }).waitFor()
  console.log(
    `500 states: ${(performance.now() - startedAt).toFixed(0)} ms from the click to the graph, its code and the worker's included`,
  )
  const layout = await page.evaluate<number>("performance.getEntriesByName('layout')[0].duration")
  console.log(`500 states: ${layout.toFixed(0)} ms of that for the layout, in its worker, which had to be started`)
  await page.getByRole('button', { name: 'Horizontal' }).click()
  while ((await page.evaluate<number>("performance.getEntriesByName('layout').length")) < 2) await page.waitForTimeout(20)
  const again = await page.evaluate<number>("performance.getEntriesByName('layout')[1].duration")
  console.log(`500 states: ${again.toFixed(0)} ms for a layout when the worker runs`)
  console.log(`500 states: panning at ${(await framesPerSecond(page)).toFixed(0)} frames/s (the screen's own rate is 60)`)
  await context.close()
}

/** Drags the graph about for a second. */
async function framesPerSecond(page: Page): Promise<number> {
  const box = await page.getByRole('region', { name: 'Workflow graph' }).boundingBox()
  if (!box) throw new Error('no graph')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x + 200, y)
  await page.mouse.down()
  const frames = page.evaluate<number>(
    'new Promise((done) => { const from = performance.now(); let n = 0; const tick = () => (performance.now() - from < 1000 ? (n++, requestAnimationFrame(tick)) : done(n)); tick() })',
  )
  for (let step = 0; step < 50; step++) await page.mouse.move(x + 200 + Math.sin(step / 5) * 150, y + Math.cos(step / 5) * 100)
  const counted = await frames
  await page.mouse.up()
  return counted
}

async function manyEvents() {
  const loop = {
    StartAt: 'Work',
    States: {
      Work: { Type: 'Pass', Next: 'Again' },
      Again: { Type: 'Choice', Choices: [{ Variable: '$.stop', IsPresent: true, Next: 'Done' }], Default: 'Work' },
      Done: { Type: 'Succeed' },
    },
  }
  const { executionArn } = await call('StartExecution', { stateMachineArn: await createMachine('loop', loop), input: '{}' })
  for (;;) {
    const { status } = await call('DescribeExecution', { executionArn })
    if (status !== 'RUNNING') break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { page, context } = await openPage(browser, server.url)
  await page.goto('/console/machines')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  const startedAt = performance.now()
  await page.goto(`/console/execution/${encodeURIComponent(executionArn ?? '')}`)
  await page.getByRole('button', { name: /^Work, Pass/ }).waitFor()
  await page.getByText(/Failed in/).waitFor()
  console.log(`25,000 events: open after ${(performance.now() - startedAt).toFixed(0)} ms`)
  const stepAt = performance.now()
  await page.getByRole('button', { name: 'One event back' }).click()
  await page.getByText(/^Event 24999 of 25000/).waitFor()
  console.log(`25,000 events: one step back in time ${(performance.now() - stepAt).toFixed(0)} ms`)
  await context.close()
}

/** From the call that makes the state end to the picture that shows it; the call's own way is part of it. */
async function changeSeen() {
  const callback = {
    StartAt: 'Ask',
    States: {
      Ask: { Type: 'Task', Resource: await createActivity(), Next: 'Told' },
      Told: { Type: 'Succeed' },
    },
  }
  const stateMachineArn = await createMachine('callback', callback)
  const activityArn = callback.States.Ask.Resource
  const { page, context } = await openPage(browser, server.url)
  const times: number[] = []
  for (let n = 0; n < 10; n++) {
    const { executionArn = '' } = await call('StartExecution', { stateMachineArn, input: '{}' })
    await page.goto(`/console/execution/${encodeURIComponent(executionArn)}`)
    const { taskToken } = await call('GetActivityTask', { activityArn })
    await page.getByRole('button', { name: /^Ask, Task · ask, Running/ }).waitFor()
    await page.waitForTimeout(300)
    const seen = page.locator('button.state.succeeded', { hasText: 'Told' }).waitFor()
    const startedAt = performance.now()
    await call('SendTaskSuccess', { taskToken, output: '{}' })
    await seen
    times.push(performance.now() - startedAt)
  }
  times.sort((a, b) => a - b)
  console.log(
    `a change is seen after ${times[5]?.toFixed(0)} ms (median of ${times.length}, slowest ${times.at(-1)?.toFixed(0)} ms)`,
  )
  await context.close()
}

async function createActivity(): Promise<string> {
  return (await call('CreateActivity', { name: 'ask' })).activityArn ?? ''
}
