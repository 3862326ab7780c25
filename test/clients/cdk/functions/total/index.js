import { sum } from './sum.js'

export const handler = async ({ prices }) => ({ total: sum(prices), greeting: process.env.GREETING })
