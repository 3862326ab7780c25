// The server
export { createRegente, type Regente } from './regente.ts'
export { type Config, readConfig } from './config.ts'
