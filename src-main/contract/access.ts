/**
 * How a browser's window and its server come to know each other, before the first call: three messages, as
 * JSON, over the WebSocket. src-main/transport/access.ts says why so.
 */
import * as z from 'zod'

/** The subprotocol of the WebSocket. */
export const SOCKET_PROTOCOL = 'vitrine-1'

/** With what code the server closes the connection of a window that it does not know. */
export const REFUSED_CODE = 4403

/** Random bytes as base64url: nonces, secrets and proofs. */
const bytes = z.string().regex(/^[\w-]{16,64}$/)

/** 1. The server's, at once. */
export const challenge = z.object({ nonce: bytes })

/**
 * 2. The window's: with the token of its address at its first visit, with a proof of its secret from then on.
 */
export const hello = z.union([
  z.object({ token: z.string().max(64) }),
  z.object({ window: bytes, nonce: bytes, proof: bytes }),
])
export type Hello = z.infer<typeof hello>

/**
 * 3. The server's. What the window keeps, if it is new; else the proof that the server knows the secret too.
 */
export const welcome = z.object({
  /** Goes with requests for media, as `key` of the query. */
  mediaKey: bytes,
  enrolled: z.object({ window: bytes, secret: bytes }).nullable(),
  proof: bytes.nullable(),
})
export type Welcome = z.infer<typeof welcome>

/**
 * What both sides take the HMAC-SHA256 of, under the secret's bytes in UTF-8: nobody can use one's as the
 * other's.
 */
export const proofText = (side: 'window' | 'server', serverNonce: string, windowNonce: string): string =>
  `vitrine ${side} ${serverNonce} ${windowNonce}`
