/** Debian's Chromium before the real program. Each test has a context of its own; nothing of a page's errors is lost. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

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

/** No finding that axe calls serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
  // Through the debugger: the page's own policy would refuse a script tag.
  await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const axe = (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
      }
    ).axe
    const { violations } = await axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
  })
  expect(found).toEqual([])
}

const ROLE = 'arn:aws:iam::000000000000:role/any'

export type StatesClient = ReturnType<typeof statesClient>

/** Step Functions on a server, for what a test has to have there. */
export function statesClient(url: string) {
  async function call(operation: string, input: object): Promise<Readonly<Record<string, string>>> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Record<string, string>
  }
  async function createMachine(name: string, definition: object): Promise<string> {
    const { stateMachineArn = '' } = await call('CreateStateMachine', {
      name,
      roleArn: ROLE,
      definition: JSON.stringify(definition),
    })
    return stateMachineArn
  }
  return {
    call,
    createMachine,
    /** The path of the page of a new execution. */
    async execution(name: string, definition: object, input = '{}'): Promise<string> {
      const { executionArn = '' } = await call('StartExecution', {
        stateMachineArn: await createMachine(name, definition),
        input,
      })
      return `/console/execution/${encodeURIComponent(executionArn)}`
    },
  }
}

export async function expectNoSideScroll(page: Page, what: string): Promise<void> {
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  expect(overflow, what).toBeLessThanOrEqual(0)
}
