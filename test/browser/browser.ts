/** Debian's Chromium before the real program. Each test has a context of its own; nothing of a page's errors is lost. */
import { existsSync } from 'node:fs'

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page complained about: exceptions, refused scripts, errors on its console. */
  readonly complaints: string[]
}

export async function openPage(
  browser: Browser,
  baseURL: string,
  { locale = 'en-US', width = 1280, height = 900, theme = 'light' as 'light' | 'dark' } = {},
): Promise<Opened> {
  const context = await browser.newContext({ baseURL, locale, viewport: { width, height }, colorScheme: theme })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.setDefaultTimeout(15_000)
  return { page, context, complaints }
}
