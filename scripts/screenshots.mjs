/**
 * Pictures of the console's pages at three sizes, from a real run: `node_modules/.bin/node scripts/screenshots.mjs [FOLDER]`. A build
 * and Chromium have to be there. Without a folder, those that the docs show go to docs/images; with one, all of them go there.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { openBrowser, openPage, statesClient } from '../test/browser/browser.ts'
import { makeDataDirectory, removeDataDirectory, startServer } from '../test/e2e/server.ts'

const SIZES = [
  { size: 'desktop', width: 1440, height: 900 },
  { size: 'tablet', width: 900, height: 1100 },
  { size: 'phone', width: 360, height: 740 },
]
/** What the docs show; one size of each will do. */
const SHOWN = [
  'execution-desktop',
  'failed-desktop',
  'monitoring-desktop',
  'editor-desktop',
  'map-run-desktop',
  'execution-phone',
]
const folder = process.argv[2]
const target = folder ?? join(import.meta.dirname, '../docs/images')
const theme = process.env.THEME === 'dark' ? 'dark' : 'light'
const locale = process.env.LOCALE ?? 'en-US'

mkdirSync(target, { recursive: true })
const directory = await makeDataDirectory()
const server = await startServer(directory)
const browser = await openBrowser()
const states = statesClient(server.url)
try {
  const { page, complaints } = await openPage(browser, server.url, { theme, locale, width: 1440, height: 900 })
  await page.goto('/')
  await page.waitForLoadState('networkidle')
  await shoot(page, 'first-run')
  const order = await bringUp('order-process')
  const map = await bringUp('distributed-map-s3')
  await bringUp('etl')
  const timer = await bringUp('task-timer')
  const start = async ({ stateMachineArn, input }) =>
    (await states.call('StartExecution', { stateMachineArn, input })).executionArn
  const ordered = []
  for (let n = 0; n < 12; n++) ordered.push(await start(order))
  const failed = await start({ ...order, input: '{"nothing": true}' })
  const mapped = await start(map)
  const waiting = await start(timer)
  await show(page, 'execution-running', `/console/execution/${encodeURIComponent(waiting)}`)
  await ended(mapped)
  await ended(ordered.at(-1))
  await show(page, 'machines', '/console/machines')
  await page.goto(`/console/execution/${encodeURIComponent(ordered[0])}`)
  await page.locator('button.state.succeeded', { hasText: 'Charge payment' }).click()
  await openTab(page, /Data flow|Fluxo de dados/)
  await shoot(page, 'execution')
  await openTab(page, /^(Table|Tabela)$/)
  await shoot(page, 'timeline')
  await openTab(page, /Event history|Histórico/)
  await shoot(page, 'events')
  await show(page, 'failed', `/console/execution/${encodeURIComponent(failed)}`)
  await show(page, 'compare', `/console/compare/${encodeURIComponent(ordered[0])}?with=${encodeURIComponent(failed)}`)
  await show(page, 'machine', `/console/machine/${encodeURIComponent(order.stateMachineArn)}`)
  await openTab(page, /Monitor/)
  await page.waitForTimeout(1_000)
  await shoot(page, 'monitoring')
  const { mapRuns } = await states.call('ListMapRuns', { executionArn: mapped })
  await show(page, 'map-run', `/console/map-run/${encodeURIComponent(mapRuns[0].mapRunArn)}`)
  await show(page, 'editor', `/console/editor/${encodeURIComponent(order.stateMachineArn)}`)
  for (const name of ['create', 'activities', 'buckets', 'functions', 'topics', 'queues', 'tables', 'logs', 'rules', 'schedules'])
    await show(page, name, `/console/${name}`)
  if (complaints.length > 0) console.log(complaints)
} finally {
  await browser.close()
  await server.stop()
  await removeDataDirectory(directory)
}

/** In whichever language. */
function openTab(page, name) {
  return page.getByRole('tab').filter({ hasText: name }).click()
}

async function bringUp(name) {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${server.url}/_regente/console/templates/${name}`, { method: 'POST', headers })).json()
}

async function ended(executionArn) {
  while ((await states.call('DescribeExecution', { executionArn })).status === 'RUNNING')
    await new Promise((resolve) => setTimeout(resolve, 200))
}

async function show(page, name, path) {
  await page.goto(path)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForTimeout(1_500)
  await shoot(page, name)
}

async function shoot(page, name) {
  for (const { size, width, height } of SIZES) {
    const file = `${name}-${size}`
    if (folder === undefined && !SHOWN.includes(file)) continue
    await page.setViewportSize({ width, height })
    await page.waitForTimeout(350)
    await page.screenshot({ path: join(target, `${file}.png`) })
  }
  await page.setViewportSize({ width: 1440, height: 900 })
}
