/** What a check says: the runners show the message where it does not pass, or where it passes under `not`. */
export interface Check {
  readonly pass: boolean
  readonly message: () => string
}

export const passed = (message: () => string): Check => ({ pass: true, message })
export const failed = (message: () => string): Check => ({ pass: false, message })
