exports.handler = async ({ count }) => ({
  total: count * Number(process.env.EACH),
  greeting: process.env.GREETING,
  tier: process.env.TIER,
})
