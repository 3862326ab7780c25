/** A server, a browser and pages before it, for the tests of one file. Skipped where there is no Chromium; in CI that is a failure. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'

import { useServer } from '../e2e/use-server.ts'
import { CHROMIUM, openBrowser, openPage, type PageOptions, type StatesClient, statesClient } from './browser.ts'

export interface World {
  url(): string
  states(): StatesClient
  /** A page that must have nothing to complain about in the end, and where nothing hostile may run. */
  visit(work: (page: Page) => Promise<void>, options?: VisitOptions): Promise<void>
}

interface VisitOptions extends PageOptions {
  /** The page is made to fail at something, and says so. */
  readonly mayComplain?: boolean
}

export function describeInBrowser(name: string, body: (world: World) => void): void {
  const isMissing = CHROMIUM === undefined && process.env['CI'] === undefined
  const shown = isMissing ? `${name} (skipped: Chromium is not installed; npm run setup:system)` : name
  describe.skipIf(isMissing)(shown, { retry: 1 }, () => {
    const server = useServer()
    let browser: Browser | undefined
    const url = () => server.url
    beforeAll(async () => {
      browser = await openBrowser()
    })
    afterAll(() => browser?.close())
    body({
      url,
      states: () => statesClient(url()),
      async visit(work, { mayComplain = false, ...options } = {}) {
        if (!browser) throw new Error('the browser has not started')
        const { page, context, complaints } = await openPage(browser, url(), options)
        page.on('dialog', (dialog) => {
          // Leaving what is unsaved is the one thing that a page may ask about.
          if (dialog.type() === 'beforeunload') return void dialog.accept()
          complaints.push(`a script ran: ${dialog.message()}`)
          return void dialog.dismiss()
        })
        await work(page)
        if (!mayComplain) expect(complaints).toEqual([])
        await context.close()
      },
    })
  })
}
