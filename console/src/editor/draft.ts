/** What was written and not saved, kept in this browser: one draft for each machine, and one for a new one. */
const KEY = 'regente.draft.'
const DRAFT_MAX = 1_048_576

export const readDraft = (machine: string): string | undefined => localStorage.getItem(KEY + machine) ?? undefined

/** Too much for the browser to keep is not kept: the page warns before it is left. */
export function keepDraft(machine: string, text: string): void {
  if (text.length > DRAFT_MAX) return
  try {
    localStorage.setItem(KEY + machine, text)
  } catch {
    dropDraft(machine)
  }
}

export const dropDraft = (machine: string): void => localStorage.removeItem(KEY + machine)
