/**
 * Pictures of the main pages at three sizes, from a real run, in docs/images/: `node scripts/screenshots.mjs`. A build and
 * Chromium have to be there. Runs on the project's Node.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { makeDataDirectory, removeDataDirectory, startServer } from '../test/e2e/server.ts'
import { openBrowser, openPage } from '../test/browser/browser.ts'

const SIZES = [
  { name: 'desktop', width: 1440, height: 900 },
  { name: 'tablet', width: 900, height: 1100 },
  { name: 'phone', width: 360, height: 740 },
]
const TARGET = process.argv[2] ?? join(import.meta.dirname, '../docs/images')

mkdirSync(TARGET, { recursive: true })
const directory = await makeDataDirectory()
const server = await startServer(directory, [], Number(process.env.PORT ?? 0))
const browser = await openBrowser()
try {
  const { page, complaints } = await openPage(browser, server.url)
  await page.goto('/')
  await page.getByRole('heading', { name: 'Run your first workflow' }).waitFor()
  await shoot(page, 'first-run')
  await page.goto('/console/create')
  await page.getByRole('button', { name: 'Bring up: Parallel' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start execution' }).click()
  await page.getByRole('button', { name: /^Median, Pass, Succeeded/ }).click()
  await shoot(page, 'execution-running')
  await page.getByRole('button', { name: /^Look at the numbers, Parallel, Succeeded/ }).click()
  await shoot(page, 'execution')
  await page.getByRole('tab', { name: 'Table' }).click()
  await shoot(page, 'timeline')
  await page.getByRole('tab', { name: 'Event history' }).click()
  await shoot(page, 'events')
  await page.goto('/console/machines')
  await page.getByRole('link', { name: 'ParallelSummary' }).or(page.getByRole('table').getByRole('link')).first().click()
  await page.getByRole('tab', { name: 'Monitoring' }).waitFor()
  await shoot(page, 'machine')
  for (const name of ['editor', 'create', 'buckets']) {
    await page.goto(`/console/${name}`)
    await page.waitForTimeout(1_500)
    await shoot(page, name)
  }
  if (complaints.length > 0) console.log(complaints)
} finally {
  await browser.close()
  await server.stop()
  await removeDataDirectory(directory)
}

async function shoot(page, name) {
  for (const { name: size, width, height } of SIZES) {
    await page.setViewportSize({ width, height })
    await page.waitForTimeout(250)
    await page.screenshot({ path: join(TARGET, `${name}-${size}.png`) })
  }
  await page.setViewportSize({ width: 1280, height: 900 })
}
