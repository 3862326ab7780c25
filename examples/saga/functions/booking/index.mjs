/** Books and cancels one part of a trip: the one that WHAT names. Fails where the trip says that it should. */
const WHAT = process.env.WHAT

export async function handler({ action, trip }) {
  const booking = `${WHAT}-${trip.id}`
  if (action === 'cancel') return { cancelled: booking }
  if (trip.failAt === WHAT) {
    const error = new Error(`No ${WHAT.toLowerCase()} to ${trip.to} is left.`)
    error.name = `${WHAT}Unavailable`
    throw error
  }
  return { booked: booking }
}
