/** Instants and spans as people read them. Both in epoch seconds. */
import type { Language } from '../messages/messages.tsx'

export const showTime = (seconds: number | undefined, language: Language): string =>
  seconds === undefined ? '–' : new Date(seconds * 1_000).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' })

export const showClock = (seconds: number, language: Language): string =>
  new Date(seconds * 1_000).toLocaleTimeString(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hour12: false,
  })

/** Numbers as the page's language writes them. */
export const showNumber = (value: number, digits = 0): string =>
  value.toLocaleString(globalThis.document?.documentElement.lang || 'en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })

export function showSpan(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`
  if (seconds < 60) return `${showNumber(seconds, 2)} s`
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), Math.floor(seconds % 60)]
  return hours > 0 ? `${showNumber(hours)} h ${minutes} min` : `${minutes} min ${rest} s`
}

/** Bytes, in steps of 1,024. */
export function showBytes(bytes: number): string {
  const step = Math.min(4, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return step === 0 ? `${bytes} B` : `${showNumber(bytes / 1_024 ** step, 1)} ${['', 'KiB', 'MiB', 'GiB', 'TiB'][step]}`
}
