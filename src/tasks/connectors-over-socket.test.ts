/** What holds of tasks whose calls are handed over in memory holds over a socket. */
process.env['REGENTE_SERVICES_TRANSPORT'] = 'socket'
await import('./connectors.test.ts')
