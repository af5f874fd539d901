import { toFailure } from '../common/to-failure.ts'

/** What people can use of a device's failure: what it says of the device, and how to get what can be fetched. */
export function plainReason(error: unknown): string {
  const { message, remedy } = toFailure(error)
  const reason = message.replace(/^The device [a-z-]+ can't be used here: (.*)\.$/s, '$1')
  return remedy?.startsWith('Fetch') ? `${reason}. ${remedy}` : reason
}
