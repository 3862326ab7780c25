/**
 * Real browsers that are led to one page: Chromium and Firefox, as Debian has them. Names of the table lead to this machine, so
 * that a page may come from a name of the web. Nothing protects the user but the browser's rules: windows may be opened, and
 * every permission that a page may ask for is given.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromium } from 'playwright-core'

import { CHROMIUM } from '../browser.ts'

/** What the web's names are here: one of a stranger, one that is rebound, and those that a home network gives this machine. */
export const NAMES = ['evil.test', 'rebound.test', hostname(), `${hostname()}.local`, 'foo.localhost']

export interface Visit {
  readonly url: string
  /** The port on this machine that counts as a server of the public web, where the browser makes a difference. */
  readonly publicPort?: number
  /** The page stays open until this is settled, at most VISIT_MS_MAX. */
  readonly until: Promise<unknown>
}

export interface RealBrowser {
  readonly name: string
  readonly path: string | undefined
  visit(visit: Visit): Promise<void>
}

const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path))

export const BROWSERS: readonly RealBrowser[] = [
  { name: 'Chromium', path: CHROMIUM, visit: visitInChromium },
  { name: 'Firefox', path: FIREFOX, visit: visitInFirefox },
]

/** So that a browser that hangs is ended before the test that started it is given up. */
const VISIT_MS_MAX = 100_000

async function inTime(until: Promise<unknown>): Promise<void> {
  let alarm: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    alarm = setTimeout(() => reject(new Error('the page has not done what it wanted to')), VISIT_MS_MAX)
  })
  await Promise.race([until, late]).finally(() => clearTimeout(alarm))
}

async function visitInChromium({ url, publicPort, until }: Visit): Promise<void> {
  const args = ['--no-sandbox', `--host-resolver-rules=${NAMES.map((name) => `MAP ${name} localhost`).join(',')}`]
  if (publicPort !== undefined) args.push(`--ip-address-space-overrides=127.0.0.1:${publicPort}=public`)
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args })
  try {
    const context = await browser.newContext()
    // Not every version knows it; without it, the browser refuses by itself what a user might have allowed.
    await context.grantPermissions(['local-network-access']).catch(() => {})
    await (await context.newPage()).goto(url)
    await inTime(until)
  } finally {
    await browser.close()
  }
}

const PREFERENCES = {
  'network.dns.localDomains': NAMES.join(','),
  'dom.disable_open_during_load': false,
  'dom.popup_maximum': 1_000,
  // Asks before a form goes from this machine to a name of the web, and holds the page until it is answered.
  'security.warn_submit_secure_to_insecure': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'browser.aboutwelcome.enabled': false,
  'app.update.auto': false,
}

async function visitInFirefox({ url, until }: Visit): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'regente-firefox-'))
  const preferences = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`)
  await writeFile(join(profile, 'user.js'), preferences.join(''))
  // A group of its own: the browser is many processes.
  const browser = spawn(FIREFOX ?? '', ['--headless', '--no-remote', '--profile', profile, url], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, HOME: profile },
  })
  try {
    const ended = once(browser, 'exit').then(() => Promise.reject(new Error('Firefox has ended by itself')))
    await inTime(Promise.race([until, ended]))
  } finally {
    if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL')
    await rm(profile, { recursive: true, force: true, maxRetries: 10 })
  }
}
