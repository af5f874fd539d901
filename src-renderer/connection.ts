/** What a connection to main is, whichever shell runs, and how it fails. */
import type { ClientContext, ClientLink } from '@orpc/client'
import type { Failure } from '#contract'
import type { PlainKey } from './language/index.ts'

/** One live connection: where calls go, and a promise that resolves when it is over. */
export interface Connection {
  link: ClientLink<ClientContext>
  closed: Promise<void>
}
/**
 * Opens a connection; rejects when there is nobody to talk to, with AccessRefusedError when main refuses to.
 */
export type Connect = () => Promise<Connection>
/** `refused`: the server answers, but does not know this window. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused'

/**
 * What to do with a window that the server does not know. It keeps trying: once another one is in, it
 * follows.
 */
export const WAY_IN = 'frame.everyAddressLetsOneWindow' satisfies PlainKey

/** A call that cannot be answered because main is not there (any more). */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
  readonly failure: Failure = {
    code: 'NOT_READY',
    key: 'window.connectionLost',
    values: {},
    message: 'The connection to Vitrine is lost.',
    remedy: 'It reconnects on its own; if it does not, start Vitrine again.',
  }
  constructor() {
    super('The connection to Vitrine is lost.')
  }
}

/** The server does not let this window in. */
export class AccessRefusedError extends Error {
  override readonly name = 'AccessRefusedError'
}
