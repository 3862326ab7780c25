// A server in a program of your own: docs/library.md
export { createRegente, type Regente } from './regente.ts'
export { type Config, ConfigError, type GivenConfig, readConfig } from './config.ts'
